/** Content in chunks, from either form of map. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import {
  type ChunkEntries,
  chunkBlock,
  chunkEntries,
  storedDevice,
  unknownChunkFormat,
} from './chunk-entries.ts';
import type { ContentMap, Extent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import { chunkDevice } from './placed-devices.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import type { Volume } from './volume.ts';

export class ChunkMap implements ContentMap {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #entries: ChunkEntries;

  /** Throws `E_IMAGE` for a form that is not known. */
  constructor(volume: Volume, inode: Inode) {
    const { data = 0, size, xattrEnd } = inode;
    const unknown = unknownChunkFormat(data);
    if (unknown !== undefined) {
      throw imageError(`an unsupported chunk format: ${unknown}`, inodeName(inode.nid));
    }
    this.#volume = volume;
    this.#inode = inode;
    this.#entries = chunkEntries(volume.superblock.blockSize, { data, size, xattrEnd });
  }

  at(position: number): Extent {
    const { chunkSize } = this.#entries;
    const index = Math.floor(position / chunkSize);
    const { device, block } = this.#chunk(index);
    const start = index * chunkSize;
    const length = Math.min(chunkSize, this.#inode.size - start);
    const offset = block === undefined ? undefined : block * this.#volume.superblock.blockSize;
    return { position: start, length, device, offset };
  }

  /** The first block of a chunk, undefined for a hole, and the device it is on. */
  #chunk(index: number): { device: number; block: number | undefined } {
    const { inMetabox, nid } = this.#inode;
    const { unit, start } = this.#entries;
    const at = start + index * unit;
    const area = this.#volume.area(inMetabox);
    if (at + unit > area.size) {
      throw imageError('a chunk map lies outside the image', `chunk ${index} of ${inodeName(nid)}`);
    }
    const view = viewOf(readExactly(area.bytes, at, unit, 'a chunk map'));
    const stored = storedDevice(view, 0, this.#entries);
    return {
      device: chunkDevice(stored, this.#volume.superblock.devices.length),
      block: chunkBlock(view, 0, this.#entries),
    };
  }
}
