/** Content in chunks, from either form of map. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import { roundUp } from '../bytes.ts';
import {
  BLOCK_MAP_ENTRY_SIZE,
  CHUNK_BITS_MASK,
  CHUNK_FORMAT_48BIT,
  CHUNK_FORMAT_INDEXES,
  NULL_BLOCK,
  NULL_BLOCK_48,
} from './constants.ts';
import type { ContentMap, Extent } from './extent.ts';
import { chunkDevice } from './placed-devices.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { CHUNK_INDEX } from './records.ts';
import type { Volume } from './volume.ts';

const CHUNK_FORMAT_BITS = CHUNK_BITS_MASK | CHUNK_FORMAT_INDEXES | CHUNK_FORMAT_48BIT;
const TWO_32 = 2 ** 32;

export class ChunkMap implements ContentMap {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #format: number;
  readonly #chunkSize: number;

  /** Throws `E_IMAGE` for a form that is not known. */
  constructor(volume: Volume, inode: Inode) {
    this.#volume = volume;
    this.#inode = inode;
    this.#format = (inode.data ?? 0) & 0xffff;
    if ((this.#format & ~CHUNK_FORMAT_BITS) !== 0) {
      const text = `0x${this.#format.toString(16)}`;
      throw imageError(`an unsupported chunk format: ${text}`, `inode ${inode.nid}`);
    }
    this.#chunkSize = volume.superblock.blockSize * 2 ** (this.#format & CHUNK_BITS_MASK);
  }

  at(position: number): Extent {
    const index = Math.floor(position / this.#chunkSize);
    const { device, block } = this.#chunk(index);
    const start = index * this.#chunkSize;
    const length = Math.min(this.#chunkSize, this.#inode.size - start);
    const offset = block === undefined ? undefined : block * this.#volume.superblock.blockSize;
    return { position: start, length, device, offset };
  }

  /** The first block of a chunk, undefined for a hole, and the device it is on. */
  #chunk(index: number): { device: number; block: number | undefined } {
    const { xattrEnd, inMetabox, nid } = this.#inode;
    const indexed = (this.#format & CHUNK_FORMAT_INDEXES) !== 0;
    const unit = indexed ? CHUNK_INDEX.size : BLOCK_MAP_ENTRY_SIZE;
    const at = roundUp(xattrEnd, unit) + index * unit;
    const area = this.#volume.area(inMetabox);
    if (at + unit > area.size) {
      throw imageError('a chunk map lies outside the image', `chunk ${index} of inode ${nid}`);
    }
    const view = viewOf(readExactly(area.bytes, at, unit, 'a chunk map'));
    if (!indexed) return { device: 0, block: addressOf(view.getUint32(0, true), NULL_BLOCK) };
    const { startBlock, startBlockHigh, deviceId } = CHUNK_INDEX.read(view, 0);
    const block =
      (this.#format & CHUNK_FORMAT_48BIT) === 0
        ? addressOf(startBlock, NULL_BLOCK)
        : addressOf(startBlockHigh * TWO_32 + startBlock, NULL_BLOCK_48);
    return { device: chunkDevice(deviceId, this.#volume.superblock.devices.length), block };
  }
}

function addressOf(block: number, nothing: number): number | undefined {
  return block === nothing ? undefined : block;
}
