/** The map of a chunk-based inode. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import { roundUp } from '../bytes.ts';
import {
  BLOCK_MAP_ENTRY_SIZE,
  CHUNK_BITS_MASK,
  CHUNK_FORMAT_48BIT,
  CHUNK_FORMAT_INDEXES,
  NULL_BLOCK,
  NULL_BLOCK_48,
} from '../erofs/constants.ts';
import { chunkDevice } from '../erofs/placed-devices.ts';
import { CHUNK_INDEX } from '../erofs/records.ts';
import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';
import { spaceOf } from './metadata.ts';

const TWO_32 = 2 ** 32;
const FIELDS = CHUNK_INDEX.offsets;

/** How the map of an inode is stored. */
export interface ChunkMap {
  /** Bytes of content in a chunk. */
  readonly chunkSize: number;
  readonly count: number;
  /** Bytes of an entry, and where the first one is. */
  readonly unit: number;
  readonly start: number;
  readonly indexed: boolean;
  readonly wide: boolean;
}

export function chunkMap({ blockSize }: { blockSize: number }, inode: InodeFields): ChunkMap {
  const indexed = (inode.data & CHUNK_FORMAT_INDEXES) !== 0;
  const unit = indexed ? CHUNK_INDEX.size : BLOCK_MAP_ENTRY_SIZE;
  const chunkSize = blockSize * 2 ** (inode.data & CHUNK_BITS_MASK);
  return {
    chunkSize,
    count: Math.ceil(inode.size / chunkSize),
    unit,
    start: roundUp(inode.xattrEnd, unit),
    indexed,
    wide: (inode.data & CHUNK_FORMAT_48BIT) !== 0,
  };
}

/** First block of the chunk whose entry is at `at` of the view; undefined for a hole. */
export function chunkBlock(view: DataView, at: number, map: ChunkMap): number | undefined {
  if (!map.indexed) {
    const block = view.getUint32(at, true);
    return block === NULL_BLOCK ? undefined : block;
  }
  const low = view.getUint32(at + FIELDS.startBlock, true);
  if (!map.wide) return low === NULL_BLOCK ? undefined : low;
  const block = view.getUint16(at + FIELDS.startBlockHigh, true) * TWO_32 + low;
  return block === NULL_BLOCK_48 ? undefined : block;
}

/** Device of the chunk whose entry is at `at`, as it is stored. */
export function storedDevice(view: DataView, at: number, map: ChunkMap): number {
  return map.indexed ? view.getUint16(at + FIELDS.deviceId, true) : 0;
}

/** Where one position of the content is; undefined in a hole or without an entry. */
export function chunkAt(
  exam: Examination,
  inode: InodeFields,
  position: number,
): { readonly device: number; readonly address: number } | undefined {
  const map = chunkMap(exam.frame, inode);
  const index = Math.floor(position / map.chunkSize);
  const at = map.start + index * map.unit;
  const space = spaceOf(exam, inode.nid)!;
  if (at + map.unit > space.end) return undefined;
  const bytes = space.bytes.read(at, map.unit);
  if (bytes.length < map.unit) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const block = chunkBlock(view, 0, map);
  if (block === undefined) return undefined;
  const device = chunkDevice(storedDevice(view, 0, map), exam.frame.devices.length);
  return { device, address: block * exam.frame.blockSize + (position % map.chunkSize) };
}
