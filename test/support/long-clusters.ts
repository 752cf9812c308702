/** Images whose metadata lies in clusters as long as the format has them, and each name leads to another one. */

import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_COMPR_CFGS,
  FEATURE_INCOMPAT_LZ4_0PADDING,
  FEATURE_INCOMPAT_METABOX,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { MAX_DECODED_SIZE, MAX_PCLUSTER_SIZE } from '../../src/erofs/read-compression.ts';
import {
  COMPACT_INODE,
  EXTENDED_INODE,
  LZ4_CONFIG,
  MAP_HEADER,
  SUPERBLOCK,
  SUPERBLOCK_EXTENSION,
} from '../../src/erofs/records.ts';
import { METABOX_NID } from '../../src/erofs/struct.ts';
import { S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, nameOf, ROOT_NID } from '../check/crafted.ts';

const FILE = { mode: S_IFREG | 0o644, nlink: 1 };
const METABOX_PLACE = ROOT_NID + 2;
const ROOT_BLOCK = 5;
const NAMES_A_BLOCK = 25;
const RECORD_SIZE = 16;
const LZ4_FORM = 2 ** 28;

/** A root with `names` files that are empty: the first is in the first of so many clusters, and so on in turn. */
export function longClusters(clusters: number, names: number): Uint8Array {
  const clusterBlock = ROOT_BLOCK + Math.ceil(names / NAMES_A_BLOCK) + 1;
  const image = new Crafted(clusterBlock + MAX_PCLUSTER_SIZE / BLOCK, {
    featureIncompat:
      FEATURE_INCOMPAT_METABOX |
      FEATURE_INCOMPAT_48BIT |
      FEATURE_INCOMPAT_COMPR_CFGS |
      FEATURE_INCOMPAT_LZ4_0PADDING,
    compression: 1,
    extraSlots: 1,
  });
  const extension = EROFS_SUPER_OFFSET + SUPERBLOCK.size;
  SUPERBLOCK_EXTENSION.write(image.view, extension, { metaboxNid: METABOX_PLACE });
  image.view.setUint16(extension + SUPERBLOCK_EXTENSION.size, LZ4_CONFIG.size, true);
  putMetabox(image.view, clusters, clusterBlock);
  image.bytes.set(cluster(), clusterBlock * BLOCK);
  const dots = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: 2 }));
  const inodesEach = MAX_DECODED_SIZE / COMPACT_INODE.size;
  const files = Array.from({ length: names }, (_, index) => {
    const place = (index % clusters) * inodesEach + Math.floor(index / clusters);
    return { name: nameOf(index), nid: METABOX_NID + place, type: 1 };
  });
  image.directory(ROOT_NID, ROOT_BLOCK, [...dots, ...files]);
  return image.bytes;
}

/** All of its clusters are one in the image, so that it is small. */
function putMetabox(view: DataView, clusters: number, clusterBlock: number): void {
  const at = METABOX_PLACE * COMPACT_INODE.size;
  const format = (LAYOUT_COMPRESSED_FULL << 1) | 1;
  EXTENDED_INODE.write(view, at, { ...FILE, format, size: clusters * MAX_DECODED_SIZE });
  const map = at + EXTENDED_INODE.size;
  MAP_HEADER.write(view, map, { fragmentOffset: clusters, advise: 5 });
  for (let index = 0; index < clusters; index++) {
    const record = map + RECORD_SIZE * (index + 1);
    view.setUint32(record, MAX_PCLUSTER_SIZE + LZ4_FORM, true);
    view.setUint32(record + 4, clusterBlock * BLOCK, true);
    view.setUint32(record + 12, index * MAX_DECODED_SIZE, true);
  }
}

/** Inodes, as many as fit, and then zeros: literals of LZ4 and one match, with less than a block of padding in front. */
function cluster(): Uint8Array {
  // Lengths take a byte for each 255; then there are two tokens, an offset, and the literals that must end it.
  const room = MAX_PCLUSTER_SIZE - Math.ceil(MAX_DECODED_SIZE / 255) - 16;
  const literals = new Uint8Array(room - (room % COMPACT_INODE.size));
  const view = new DataView(literals.buffer);
  for (let at = 0; at < literals.length; at += COMPACT_INODE.size) {
    COMPACT_INODE.write(view, at, FILE);
  }
  const last = [0, 0, 0, 0, 0];
  const match = MAX_DECODED_SIZE - literals.length - last.length - 4;
  const stream = Buffer.concat([
    Buffer.from([0xff, ...more(literals.length)]),
    literals,
    Buffer.from([1, 0, ...more(match), last.length << 4, ...last]),
  ]);
  const packed = new Uint8Array(MAX_PCLUSTER_SIZE);
  packed.set(stream, packed.length - stream.length);
  return packed;
}

/** What a length has behind its token. */
function more(length: number): number[] {
  const rest = length - 15;
  return [...new Array(Math.floor(rest / 255)).fill(255), rest % 255];
}
