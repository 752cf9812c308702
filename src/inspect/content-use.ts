/** What contents take of an image: blocks, room beside inodes, holes, and what several of them share. */

import type { ErofsReader, Extent, Inode, MapBudget } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
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

/** What one content takes. */
export interface ContentShare {
  /** Bytes of the image that nothing before it took. */
  readonly own: number;
  /** Its bytes that are a part of the packed inode. */
  readonly packed: number;
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
  readonly #maps: MapBudget;

  constructor(reader: ErofsReader) {
    const { size, blockSize } = reader.superblock;
    this.#reader = reader;
    this.#maps = reader.mapBudget();
    this.blocks = new BlockUse(size, blockSize);
  }

  /** Counts the content of an inode, each once; returns what it takes. Throws `E_IMAGE`, `E_ABORTED`. */
  async add(inode: Inode, turns: Turns): Promise<ContentShare> {
    this.#maps.spend(inode);
    const share = { own: 0, packed: 0 };
    for (const extent of this.#reader.extents(inode)) {
      if (turns.areDue) await turns.give();
      if (extent.inside === 'packed') share.packed += extent.length;
      share.own += this.#addExtent(inode, extent);
    }
    return share;
  }

  #addExtent(inode: Inode, extent: Extent): number {
    const { totals } = this;
    const { length, device, offset, inside, compressed } = extent;
    if (offset === undefined || inside !== undefined || device > 0) {
      totals[offset === undefined ? 'holes' : (inside ?? 'elsewhere')] += length;
      return 0;
    }
    if (compressed === undefined && offset === inode.xattrEnd) {
      this.blocks.markMetadata(offset, length);
      totals.inline += length;
      return length;
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
}
