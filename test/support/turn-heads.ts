/**
 * An image of `mkfs.erofs`, which makes heads of the first kind only, with all of them turned into heads of the second
 * kind: the algorithm moves to the high half of `h_algorithmtype`, and the low half names another one.
 * Source: Linux fs/erofs/zmap.c (`z_erofs_load_full_lcluster`, `z_erofs_load_compact_lcluster`).
 */

import { roundUp } from '../../src/bytes.ts';
import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_COMPR_HEAD2,
  LAYOUT_COMPRESSED_COMPACT,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { LCLUSTER_HEAD1, LCLUSTER_HEAD2 } from '../../src/erofs/lcluster.ts';
import {
  ADVISE_EXTENTS,
  ADVISE_BIG_PCLUSTER_1 as BIG_1,
  ADVISE_BIG_PCLUSTER_2 as BIG_2,
  ADVISE_COMPACTED_2B as NARROW,
} from '../../src/erofs/map-header.ts';
import type { ErofsReader, Inode } from '../../src/erofs/reader.ts';
import { LCLUSTER_INDEX, MAP_HEADER, SUPERBLOCK } from '../../src/erofs/records.ts';

const TYPE_MASK = 3;
const WHOLE_FRAGMENT = 0x80;
/** Bits of a number in packs, where clusters have 4096 bytes at most. */
const NUMBER_BITS = 12;

/** Turns the heads in `bytes`, which `reader` reads; returns how many there were. The checksum is left as it was. */
export function turnHeads(bytes: Uint8Array, reader: ErofsReader): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { featureIncompat, blockSize } = reader.superblock;
  SUPERBLOCK.write(view, EROFS_SUPER_OFFSET, {
    featureIncompat: featureIncompat | FEATURE_INCOMPAT_COMPR_HEAD2,
  });
  const inodes = new Map([...reader.walk()].map(({ inode }) => [inode.nid, inode]));
  let turned = 0;
  for (const inode of inodes.values()) turned += turnInode(view, inode, blockSize);
  return turned;
}

function turnInode(view: DataView, inode: Inode, blockSize: number): number {
  const full = inode.layout === LAYOUT_COMPRESSED_FULL;
  if ((!full && inode.layout !== LAYOUT_COMPRESSED_COMPACT) || inode.size === 0) return 0;
  const start = roundUp(inode.xattrEnd, 8);
  const { advise, algorithms, clusterBits } = MAP_HEADER.read(view, start);
  if (clusterBits >= WHOLE_FRAGMENT || (full && (advise & ADVISE_EXTENTS) !== 0)) return 0;
  // A compact index has big clusters of both kinds of head or of none.
  MAP_HEADER.write(view, start, {
    advise: full && (advise & BIG_1) !== 0 ? (advise & ~BIG_1) | BIG_2 : advise,
    algorithms: (algorithms << 4) | ((algorithms + 1) % 4),
  });
  const map = start + MAP_HEADER.size;
  const count = Math.ceil(inode.size / blockSize);
  const places = full ? fullTypes(map, count) : compactTypes(map, count, advise);
  return places.filter((place) => turnBits(view, place)).length;
}

/** Bit at which the type of each cluster is. */
function fullTypes(map: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (map + 8 + i * LCLUSTER_INDEX.size) * 8);
}

/** Pairs of 8 bytes up to a multiple of 32, as many packs of 32 bytes as there are whole ones, and pairs again. */
function compactTypes(map: number, count: number, advise: number): number[] {
  const front = (roundUp(map, 32) - map) / 4;
  const narrow = (advise & NARROW) === 0 ? 0 : Math.max(0, count - front) & ~15;
  return Array.from({ length: count }, (_, i) => {
    if (i < front || narrow === 0) return inPack(map, i, 2, 8);
    const behind = map + front * 4;
    if (i < front + narrow) return inPack(behind, i - front, 16, 32);
    return inPack(behind + narrow * 2, i - front - narrow, 2, 8);
  });
}

function inPack(start: number, number: number, count: number, size: number): number {
  const pack = start + Math.floor(number / count) * size;
  return pack * 8 + (number % count) * (((size - 4) * 8) / count) + NUMBER_BITS;
}

/** Returns whether there was a head of the first kind. */
function turnBits(view: DataView, bit: number): boolean {
  const at = bit >> 3;
  const shift = bit & 7;
  const word = view.getUint16(at, true);
  if (((word >> shift) & TYPE_MASK) !== LCLUSTER_HEAD1) return false;
  view.setUint16(at, word | (LCLUSTER_HEAD2 << shift), true);
  return true;
}
