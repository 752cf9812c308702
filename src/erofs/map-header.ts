/** What stands in front of the map of a compressed file. Source: Linux fs/erofs/zmap.c (`z_erofs_fill_inode`). */

import { roundUp } from '../bytes.ts';
import { LAYOUT_COMPRESSED_FULL } from './constants.ts';
import { inodeName } from './inode-name.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { MAP_HEADER } from './records.ts';
import type { Volume } from './volume.ts';

/** `Z_EROFS_ADVISE_*`; the first bit means one thing in a compact map and another one in a full one. */
export const ADVISE_COMPACTED_2B = 0x1;
export const ADVISE_EXTENTS = 0x1;
export const ADVISE_BIG_PCLUSTER_1 = 0x2;
export const ADVISE_BIG_PCLUSTER_2 = 0x4;
export const ADVISE_INLINE_PCLUSTER = 0x8;
export const ADVISE_INTERLACED_PCLUSTER = 0x10;
export const ADVISE_FRAGMENT_PCLUSTER = 0x20;
/** Bits that have a meaning; of the bits of a cluster's size, those that have none. */
const KNOWN_ADVISE = 0x3f;
const RESERVED_CLUSTER_BITS = 0x70;
/** With encoded extents: log2 of their length over 4, from this bit on. */
const RECORD_SIZE_BIT = 1;
const RECORD_SIZE_MASK = 0x3;

/** Alignment of a map (`Z_EROFS_MAP_HEADER_START`). */
const MAP_ALIGN = 8;
const CLUSTER_BITS_MASK = 0xf;
/** `Z_EROFS_FRAGMENT_INODE_BIT`: the whole header is the offset of the file in the packed inode. */
const WHOLE_FRAGMENT = 0x80;
const SMALLEST_RECORD = 4;
const TWO_32 = 2 ** 32;
const TWO_24 = 2 ** 24;
const TWO_16 = 2 ** 16;

type RawHeader = ReturnType<typeof MAP_HEADER.read>;

export interface MapHeader {
  /** Byte offset behind it, in the inode's area. */
  readonly end: number;
  readonly advise: number;
  /** Bytes of a logical cluster. */
  readonly clusterSize: number;
  /** Numbers of the algorithms of the two kinds of head. */
  readonly algorithms: readonly [number, number];
  /** Bytes of the last cluster where it lies behind the map, else 0. */
  readonly inlineSize: number;
  /** Low 32 bits of the last part's offset in the packed inode. */
  readonly fragmentOffset: number;
  /** Length of an encoded extent, or 0 where the map has none but indexes of clusters. */
  readonly recordSize: number;
  /** Number of encoded extents, where their length is 16 or more. */
  readonly extents: number;
  /** Offset of all of the content in the packed inode, where it is nowhere else. */
  readonly packedWhole: number | undefined;
  /**
   * Whether bits are set that have no meaning. With encoded extents, and where all of the content is packed, they have
   * other uses.
   */
  readonly hasReserved: boolean;
}

/** Byte offset of the header of the map, in the inode's area. */
export function mapStart({ xattrEnd }: { readonly xattrEnd: number }): number {
  return roundUp(xattrEnd, MAP_ALIGN);
}

/** Throws `E_IMAGE`. */
export function readMapHeader(volume: Volume, inode: Inode): MapHeader {
  const area = volume.area(inode.inMetabox);
  const start = mapStart(inode);
  const end = start + MAP_HEADER.size;
  if (end > area.size) throw headerError(inode, 'lies outside the image');
  const raw = MAP_HEADER.read(viewOf(readExactly(area.bytes, start, MAP_HEADER.size, 'a map')), 0);
  const { advise, fragmentOffset, clusterBits } = raw;
  const full = inode.layout === LAYOUT_COMPRESSED_FULL;
  const encoded = full && (advise & ADVISE_EXTENTS) !== 0;
  const inline =
    (advise & (ADVISE_INLINE_PCLUSTER | ADVISE_FRAGMENT_PCLUSTER)) === ADVISE_INLINE_PCLUSTER;
  if (
    !full &&
    ((advise & ADVISE_BIG_PCLUSTER_1) === 0) !== ((advise & ADVISE_BIG_PCLUSTER_2) === 0)
  ) {
    throw headerError(inode, 'has big clusters of one kind only');
  }
  const isPlain = !encoded && clusterBits < WHOLE_FRAGMENT;
  return {
    end,
    advise,
    clusterSize: volume.superblock.blockSize * 2 ** (clusterBits & CLUSTER_BITS_MASK),
    algorithms: [raw.algorithms & 0xf, raw.algorithms >> 4],
    inlineSize: inline && !encoded ? fragmentOffset >>> 16 : 0,
    fragmentOffset,
    recordSize: encoded ? SMALLEST_RECORD << ((advise >> RECORD_SIZE_BIT) & RECORD_SIZE_MASK) : 0,
    extents: (raw.algorithms + clusterBits * 2 ** 8) * TWO_32 + fragmentOffset,
    packedWhole: clusterBits < WHOLE_FRAGMENT ? undefined : wholeOffset(raw),
    hasReserved: isPlain && hasReservedBits(raw),
  };
}

function hasReservedBits({ advise, clusterBits }: RawHeader): boolean {
  return (advise & ~KNOWN_ADVISE) !== 0 || (clusterBits & RESERVED_CLUSTER_BITS) !== 0;
}

/** The header read as one number of 64 bits, without the highest. */
function wholeOffset({ fragmentOffset, advise, algorithms, clusterBits }: RawHeader): number {
  const high = (clusterBits - WHOLE_FRAGMENT) * TWO_24 + algorithms * TWO_16 + advise;
  return high * TWO_32 + fragmentOffset;
}

function headerError(inode: Inode, problem: string) {
  return imageError(`the map of a compressed file ${problem}`, inodeName(inode.nid));
}
