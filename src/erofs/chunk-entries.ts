/** How the map of a chunk-based inode is stored, entry by entry. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import { roundUp } from '../bytes.ts';
import {
  BLOCK_MAP_ENTRY_SIZE,
  CHUNK_BITS_MASK,
  CHUNK_FORMAT_48BIT,
  CHUNK_FORMAT_INDEXES,
  NULL_BLOCK,
  NULL_BLOCK_48,
} from './constants.ts';
import { CHUNK_INDEX } from './records.ts';

const CHUNK_FORMAT_BITS = CHUNK_BITS_MASK | CHUNK_FORMAT_INDEXES | CHUNK_FORMAT_48BIT;
/** The format is the low half of `i_u`. */
const CHUNK_FORMAT_MASK = 0xffff;
const TWO_32 = 2 ** 32;
const FIELDS = CHUNK_INDEX.offsets;

export interface ChunkEntries {
  /** Bytes of content in a chunk. */
  readonly chunkSize: number;
  readonly count: number;
  /** Bytes of an entry, and where the first one is. */
  readonly unit: number;
  readonly start: number;
  readonly indexed: boolean;
  readonly wide: boolean;
}

/** What of an inode says how its map is stored; `data` is its `i_u`. */
interface ChunkedInode {
  readonly data: number;
  readonly size: number;
  readonly xattrEnd: number;
}

export function chunkEntries(blockSize: number, inode: ChunkedInode): ChunkEntries {
  const { data, size, xattrEnd } = inode;
  const indexed = (data & CHUNK_FORMAT_INDEXES) !== 0;
  const unit = indexed ? CHUNK_INDEX.size : BLOCK_MAP_ENTRY_SIZE;
  const chunkSize = blockSize * 2 ** (data & CHUNK_BITS_MASK);
  return {
    chunkSize,
    count: Math.ceil(size / chunkSize),
    unit,
    start: roundUp(xattrEnd, unit),
    indexed,
    wide: (data & CHUNK_FORMAT_48BIT) !== 0,
  };
}

/** The chunk format in hex, where it has bits that nothing is known of. */
export function unknownChunkFormat(data: number): string | undefined {
  const format = data & CHUNK_FORMAT_MASK;
  return (format & ~CHUNK_FORMAT_BITS) === 0 ? undefined : `0x${format.toString(16)}`;
}

/** First block of the chunk whose entry is at `at` of the view; undefined for a hole. */
export function chunkBlock(view: DataView, at: number, map: ChunkEntries): number | undefined {
  if (!map.indexed) return unlessNull(view.getUint32(at, true), NULL_BLOCK);
  const low = view.getUint32(at + FIELDS.startBlock, true);
  if (!map.wide) return unlessNull(low, NULL_BLOCK);
  const high = view.getUint16(at + FIELDS.startBlockHigh, true);
  return unlessNull(high * TWO_32 + low, NULL_BLOCK_48);
}

function unlessNull(block: number, nothing: number): number | undefined {
  return block === nothing ? undefined : block;
}

/** Device of the chunk whose entry is at `at`, as it is stored. */
export function storedDevice(view: DataView, at: number, map: ChunkEntries): number {
  return map.indexed ? view.getUint16(at + FIELDS.deviceId, true) : 0;
}
