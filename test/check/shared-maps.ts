/** Images in which the maps of many files are one, and what is packed is a hole. */

import {
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_FRAGMENTS,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { fileTypeOf } from '../../src/erofs/file-types.ts';
import {
  COMPACT_INODE,
  EXTENDED_INODE,
  LCLUSTER_INDEX,
  MAP_HEADER,
  XATTR_ENTRY,
  XATTR_HEADER,
} from '../../src/erofs/records.ts';
import { xattrCountOf } from '../../src/erofs/xattrs.ts';
import { S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, nameOf, ROOT_NID } from './crafted.ts';

const FILE = S_IFREG | 0o644;
const DOTS = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: 2 }));
const FEATURES =
  FEATURE_INCOMPAT_48BIT | FEATURE_INCOMPAT_FRAGMENTS | FEATURE_INCOMPAT_CHUNKED_FILE;
const PACKED_NID = ROOT_NID + 2;
/** The first of the inodes, and slots from one to the next: itself, and a header of attributes with one behind it. */
const FIRST_NID = (8 * BLOCK) / COMPACT_INODE.size;
const APART = 2;

export interface SharedMap {
  readonly image: Crafted;
  /** Byte at which all maps begin. */
  readonly mapAt: number;
}

/** What all of the inodes say; `data` is none. */
export interface Claim {
  readonly layout: number;
  readonly size: number;
  readonly mode?: number;
  readonly mapBytes: number;
}

/** A root with `count` inodes, up to a thousand, whose maps begin at one place: there their attributes end. */
export function sharedMap(count: number, claim: Claim): SharedMap {
  const { layout, size, mode = FILE, mapBytes } = claim;
  const mapAt = (FIRST_NID + count * APART) * COMPACT_INODE.size;
  const root = Math.ceil((mapAt + mapBytes) / BLOCK);
  const packed = { featureIncompat: FEATURES, packedNid: PACKED_NID };
  const image = new Crafted(root + Math.ceil(count / 20) + 2, packed);
  const nidOf = (index: number) => FIRST_NID + index * APART;
  const type = fileTypeOf(mode);
  const names = Array.from({ length: count }, (_, index) => {
    return { name: nameOf(index), nid: nidOf(index), type };
  });
  image.directory(ROOT_NID, root, [...DOTS, ...names]);
  putHole(image);
  for (let index = 0; index < count; index++) {
    const at = (nidOf(index) + 1) * COMPACT_INODE.size;
    const xattrCount = xattrCountOf(mapAt - at);
    image.inode(nidOf(index), { mode, nlink: 1, format: layout << 1, size, xattrCount });
    putXattr(image, at, mapAt);
  }
  return { image, mapAt };
}

/** A packed inode of any length, all of it a hole. */
function putHole({ view }: Crafted): void {
  const hole = { data: 0xffff_ffff, startBlockHigh: 0xffff, size: 2 ** 50 };
  const fields = { format: 1, mode: FILE, nlink: 1, ...hole };
  EXTENDED_INODE.write(view, PACKED_NID * COMPACT_INODE.size, fields);
}

/** Attributes from `at` to `end`: one, with all that lies between for its value. */
function putXattr({ view, bytes }: Crafted, at: number, end: number): void {
  const entryAt = at + XATTR_HEADER.size;
  const valueSize = end - entryAt - XATTR_ENTRY.size - 1;
  XATTR_ENTRY.write(view, entryAt, { nameLength: 1, nameIndex: 1, valueSize });
  bytes[entryAt + XATTR_ENTRY.size] = 0x61;
}

/** One index for all, in which every cluster leads back by one, to the first: the content is a part of the hole. */
export function sharedFragments(count: number, clusters: number, mode = FILE): SharedMap {
  const mapBytes = 16 + clusters * LCLUSTER_INDEX.size;
  const layout = LAYOUT_COMPRESSED_FULL;
  const made = sharedMap(count, { layout, size: clusters * BLOCK, mode, mapBytes });
  const { image, mapAt } = made;
  MAP_HEADER.write(image.view, mapAt, { advise: 0x20 });
  for (let cluster = 1; cluster < clusters; cluster++) {
    const at = mapAt + 16 + cluster * LCLUSTER_INDEX.size;
    LCLUSTER_INDEX.write(image.view, at, { advise: 2, block: 1 + (1 << 16) });
  }
  return made;
}
