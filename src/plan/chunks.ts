/** Chunk maps, for files with holes and for files whose bytes lie on another device. Source: Linux fs/erofs/erofs_fs.h, `erofs_inode_chunk_info`. */

import {
  BLOCK_MAP_ENTRY_SIZE,
  CHUNK_BITS_MASK,
  CHUNK_FORMAT_INDEXES,
  NULL_BLOCK,
} from '../erofs/constants.ts';
import { CHUNK_INDEX } from '../erofs/records.ts';

/** Entries of a chunk map before chunks grow: 4 MiB of map for one file, blocks of 4 KiB up to 4 GiB. */
const MAX_MAP_ENTRIES = 2 ** 20;

/** The geometry of a chunked file. */
export interface ChunkGeometry {
  /** `i_u` of the inode: log2 of chunk size over block size. */
  readonly format: number;
  readonly chunkSize: number;
  readonly count: number;
}

/**
 * Chunks for a sparse file of `size` bytes: one block each, so that every hole of a block stays one, and larger
 * where the map would grow past {@link MAX_MAP_ENTRIES}.
 */
export function sparseGeometry(size: number, blockSize: number): ChunkGeometry {
  return geometry(size, blockSize, MAX_MAP_ENTRIES);
}

/** Chunks for a file that is one stretch, or one hole: as few as can be. */
export function wholeGeometry(size: number, blockSize: number): ChunkGeometry {
  return geometry(size, blockSize, 1);
}

function geometry(size: number, blockSize: number, maxEntries: number): ChunkGeometry {
  let format = 0;
  while (format < CHUNK_BITS_MASK && size > blockSize * 2 ** format * maxEntries) format++;
  const chunkSize = blockSize * 2 ** format;
  return { format, chunkSize, count: Math.ceil(size / chunkSize) };
}

/** A map as it is stored behind the inode; `blocks` has `NULL_BLOCK` for each hole. */
export function encodeChunkMap(blocks: ArrayLike<number>): Uint8Array {
  const map = new Uint8Array(blocks.length * BLOCK_MAP_ENTRY_SIZE);
  const view = new DataView(map.buffer);
  for (let i = 0; i < blocks.length; i++)
    view.setUint32(i * BLOCK_MAP_ENTRY_SIZE, blocks[i]!, true);
  return map;
}

/** The map of a file that is one hole. */
export function encodeHoleMap(count: number): Uint8Array {
  return encodeChunkMap(new Uint32Array(count).fill(NULL_BLOCK));
}

/** The chunks of a file whose bytes are one stretch of a device: their format and their map, in the 8-byte form. */
export function stretchChunks(
  size: number,
  blockSize: number,
  device: number,
  firstBlock: number,
): { readonly format: number; readonly map: Uint8Array } {
  const { format, count } = wholeGeometry(size, blockSize);
  const map = new Uint8Array(count * CHUNK_INDEX.size);
  const view = new DataView(map.buffer);
  for (let i = 0; i < count; i++) {
    const startBlock = firstBlock + i * 2 ** format;
    CHUNK_INDEX.write(view, i * CHUNK_INDEX.size, { deviceId: device, startBlock });
  }
  return { format: format | CHUNK_FORMAT_INDEXES, map };
}
