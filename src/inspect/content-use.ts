/** What contents take of an image: blocks, room beside inodes, holes, and what several of them share. */

import type { ErofsReader, Extent, Inode } from '../erofs/reader.ts';
import { isDirectory } from '../posix.ts';
import { BlockUse } from './block-use.ts';

/** Bytes that contents have or take. */
export interface ContentTotals {
  /** Of blocks with plain content, of files and of long link targets; shared blocks once. */
  data: number;
  /** Of blocks with directories. */
  directories: number;
  /** Of compressed clusters; shared ones once. */
  compressed: number;
  /** Of content beside inodes. */
  inline: number;
  /** Of content, that are holes. */
  holes: number;
  /** Of content on other devices. */
  elsewhere: number;
  /** Of content that is a part of the packed inode, and of content in the metadata zone. */
  packed: number;
  metabox: number;
}

export class ContentUse {
  readonly totals: ContentTotals = {
    data: 0,
    directories: 0,
    compressed: 0,
    inline: 0,
    holes: 0,
    elsewhere: 0,
    packed: 0,
    metabox: 0,
  };
  /** Blocks of the image itself. */
  readonly blocks: BlockUse;
  readonly #reader: ErofsReader;

  constructor(reader: ErofsReader) {
    const { size, blockSize } = reader.superblock;
    this.#reader = reader;
    this.blocks = new BlockUse(size, blockSize);
  }

  /** Counts the content of an inode; returns the bytes of the image that nothing before it took. */
  add(inode: Inode): number {
    let stored = 0;
    for (const extent of this.#reader.extents(inode)) stored += this.#addExtent(inode, extent);
    return stored;
  }

  #addExtent(inode: Inode, { length, device, offset, inside, compressed }: Extent): number {
    const { totals } = this;
    if (offset === undefined) return this.#count('holes', length, 0);
    if (inside !== undefined) return this.#count(inside, length, 0);
    if (device > 0) return this.#count('elsewhere', length, 0);
    if (compressed === undefined && offset === inode.xattrEnd) {
      this.blocks.markMetadata(offset, length);
      return this.#count('inline', length, length);
    }
    const use = compressed ? 'compressed' : isDirectory(inode.mode) ? 'directories' : 'data';
    const { offset: at, length: taken } = compressed ?? { offset, length };
    // A cluster may also begin anywhere: beside its inode, or right behind another one.
    const isWhole = at % this.#reader.superblock.blockSize === 0;
    const fresh = isWhole ? this.blocks.markContent(at, taken, use) : taken;
    if (!isWhole) this.blocks.markMetadata(at, taken);
    totals[use] += fresh;
    return fresh;
  }

  #count(kind: keyof ContentTotals, length: number, stored: number): number {
    this.totals[kind] += length;
    return stored;
  }
}
