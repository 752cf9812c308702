/** An index of 8 bytes a logical cluster. Source: Linux fs/erofs/zmap.c (`z_erofs_load_full_lcluster`). */

import {
  BLOCK_COUNT_FLAG,
  indexError,
  LCLUSTER_NONHEAD,
  type Lcluster,
  type LclusterIndex,
} from './lcluster.ts';
import { ADVISE_BIG_PCLUSTER_1, ADVISE_BIG_PCLUSTER_2, type MapHeader } from './map-header.ts';
import { readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { LCLUSTER_INDEX } from './records.ts';
import type { Volume } from './volume.ts';

/** Bytes between the header and the first record (`Z_EROFS_FULL_INDEX_START`). */
const RESERVED = 8;
const TYPE_MASK = 0x3;
/** `Z_EROFS_LI_PARTIAL_REF` */
const PARTIAL_FLAG = 0x8000;
const BIG_PCLUSTERS = ADVISE_BIG_PCLUSTER_1 | ADVISE_BIG_PCLUSTER_2;

/** Where a record is, and of which logical cluster. */
interface Record {
  readonly at: number;
  readonly end: number;
  readonly number: number;
}

export class FullIndex implements LclusterIndex {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #header: MapHeader;

  constructor(volume: Volume, inode: Inode, header: MapHeader) {
    this.#volume = volume;
    this.#inode = inode;
    this.#header = header;
  }

  load(number: number): Lcluster {
    const { bytes, size } = this.#volume.area(this.#inode.inMetabox);
    const at = this.#header.end + RESERVED + number * LCLUSTER_INDEX.size;
    const end = at + LCLUSTER_INDEX.size;
    if (end > size) throw indexError(this.#inode, 'lies outside the image', number);
    const view = viewOf(readExactly(bytes, at, LCLUSTER_INDEX.size, 'an index'));
    const { advise, clusterOffset, block } = LCLUSTER_INDEX.read(view, 0);
    const type = advise & TYPE_MASK;
    if (type === LCLUSTER_NONHEAD) return this.#nonHead(block, { at, end, number });
    if (clusterOffset >= this.#header.clusterSize) {
      throw indexError(this.#inode, 'has an extent that begins outside its cluster', number);
    }
    const partial = (advise & PARTIAL_FLAG) !== 0;
    return { type, start: clusterOffset, block, partial, back: 0, ahead: 0, blocks: 0, at, end };
  }

  /** Two distances of 16 bits lie where a head has its block; the first may be a number of blocks. */
  #nonHead(distances: number, { at, end, number }: Record): Lcluster {
    const first = distances & 0xffff;
    const hasBlocks = (first & BLOCK_COUNT_FLAG) !== 0;
    if (hasBlocks && (this.#header.advise & BIG_PCLUSTERS) === 0) {
      throw indexError(this.#inode, 'counts blocks of a small cluster', number);
    }
    return {
      type: LCLUSTER_NONHEAD,
      start: this.#header.clusterSize,
      block: 0,
      partial: false,
      back: hasBlocks ? 1 : first,
      ahead: distances >>> 16,
      blocks: hasBlocks ? first & ~BLOCK_COUNT_FLAG : 0,
      at,
      end,
    };
  }
}
