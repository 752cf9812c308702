/**
 * An index of 4 or 2 bytes a logical cluster, in packs that share one block address.
 * Source: Linux fs/erofs/zmap.c (`z_erofs_load_compact_lcluster`).
 */

import { roundUp } from '../bytes.ts';
import {
  BLOCK_COUNT_FLAG,
  indexError,
  LCLUSTER_NONHEAD,
  type Lcluster,
  type LclusterIndex,
} from './lcluster.ts';
import { ADVISE_BIG_PCLUSTER_1, ADVISE_COMPACTED_2B, type MapHeader } from './map-header.ts';
import { readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import type { Volume } from './volume.ts';

/** The two kinds of pack. */
interface PackKind {
  readonly count: number;
  readonly bytes: number;
  /** Longest logical clusters that it has room for. */
  readonly maxClusterSize: number;
}

const WIDE: PackKind = { count: 2, bytes: 8, maxClusterSize: 1 << 14 };
const NARROW: PackKind = { count: 16, bytes: 32, maxClusterSize: 1 << 12 };
/** Narrow packs begin at a multiple of this, with wide ones in front of them. */
const NARROW_ALIGN = 32;
/** Each pack ends in a block address. */
const ADDRESS_SIZE = 4;
/** Bits of a value's type, and the fewest bits of its number: a count of blocks needs them. */
const TYPE_BITS = 2;
const MIN_NUMBER_BITS = 12;

export class CompactIndex implements LclusterIndex {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #header: MapHeader;
  /** Logical clusters in all, and those in wide packs at the front and in narrow ones behind them. */
  readonly #total: number;
  readonly #front: number;
  readonly #narrow: number;

  constructor(volume: Volume, inode: Inode, header: MapHeader) {
    this.#volume = volume;
    this.#inode = inode;
    this.#header = header;
    this.#total = Math.ceil(inode.size / volume.superblock.blockSize);
    this.#front = (roundUp(header.end, NARROW_ALIGN) - header.end) / (WIDE.bytes / WIDE.count);
    const rest = this.#total - this.#front;
    const hasNarrow = (header.advise & ADVISE_COMPACTED_2B) !== 0 && rest > 0;
    this.#narrow = hasNarrow ? rest - (rest % NARROW.count) : 0;
  }

  load(number: number, wantsAhead: boolean): Lcluster {
    if (number >= this.#total) throw indexError(this.#inode, 'ends too early', number);
    const { pack, place, at, end } = this.#packOf(number);
    const { type, value } = pack.at(place);
    if (type === LCLUSTER_NONHEAD) {
      const hasBlocks = (value & BLOCK_COUNT_FLAG) !== 0;
      if (hasBlocks && !this.#isBig) {
        throw indexError(this.#inode, 'counts blocks of a small cluster', number);
      }
      return {
        type,
        start: this.#header.clusterSize,
        block: 0,
        partial: false,
        back: hasBlocks ? 1 : pack.distanceBack(place),
        ahead: wantsAhead ? pack.distanceAhead(place) : 0,
        blocks: hasBlocks ? value & ~BLOCK_COUNT_FLAG : 0,
        at,
        end,
      };
    }
    if (value >= this.#header.clusterSize) {
      throw indexError(this.#inode, 'has an extent that begins outside its cluster', number);
    }
    const before = this.#isBig ? pack.bigBlocksBefore(place) : pack.blocksBefore(place);
    if (before === undefined) throw indexError(this.#inode, 'has no count of blocks', number);
    const block = pack.address + before;
    return { type, start: value, block, partial: false, back: 0, ahead: 0, blocks: 0, at, end };
  }

  get #isBig(): boolean {
    return (this.#header.advise & ADVISE_BIG_PCLUSTER_1) !== 0;
  }

  /** The pack with a logical cluster, the cluster's place in it, that in bytes, and where the pack ends. */
  #packOf(number: number): { pack: Pack; place: number; at: number; end: number } {
    const { kind, at } = this.#placeOf(number);
    if (this.#header.clusterSize > kind.maxClusterSize) {
      throw indexError(this.#inode, 'is compact, with clusters too long for that', number);
    }
    const start = at - (at % kind.bytes);
    const { bytes, size } = this.#volume.area(this.#inode.inMetabox);
    if (start + kind.bytes > size) throw indexError(this.#inode, 'lies outside the image', number);
    const view = viewOf(readExactly(bytes, start, kind.bytes, 'an index'));
    const place = ((at - start) * kind.count) / kind.bytes;
    const pack = new Pack(view, kind, this.#header.clusterSize);
    return { pack, place, at, end: start + kind.bytes };
  }

  #placeOf(number: number): { kind: PackKind; at: number } {
    const wide = WIDE.bytes / WIDE.count;
    const narrow = NARROW.bytes / NARROW.count;
    const { end } = this.#header;
    if (number < this.#front) return { kind: WIDE, at: end + number * wide };
    const behind = number - this.#front;
    const narrowStart = end + this.#front * wide;
    if (behind < this.#narrow) return { kind: NARROW, at: narrowStart + behind * narrow };
    const at = narrowStart + this.#narrow * narrow + (behind - this.#narrow) * wide;
    return { kind: WIDE, at };
  }
}

/** Some values of type and number, packed into bits, and the block before the first of them. */
class Pack {
  readonly #view: DataView;
  readonly #count: number;
  readonly #valueBits: number;
  readonly #numberBits: number;
  readonly address: number;

  constructor(view: DataView, { count, bytes }: PackKind, clusterSize: number) {
    this.#view = view;
    this.#count = count;
    this.#valueBits = ((bytes - ADDRESS_SIZE) * 8) / count;
    this.#numberBits = Math.max(Math.log2(clusterSize), MIN_NUMBER_BITS);
    this.address = view.getUint32(bytes - ADDRESS_SIZE, true);
  }

  at(place: number): { type: number; value: number } {
    const bit = this.#valueBits * place;
    const bits = this.#view.getUint32(bit >> 3, true) >>> (bit & 7);
    const value = bits & ((1 << this.#numberBits) - 1);
    return { type: (bits >>> this.#numberBits) & ((1 << TYPE_BITS) - 1), value };
  }

  /** The last value of a pack says how far it is to the next head, so the one before it has to say how far back. */
  distanceBack(place: number): number {
    if (place + 1 < this.#count) return this.at(place).value;
    const { type, value } = this.at(place - 1);
    if (type !== LCLUSTER_NONHEAD) return 1;
    return (value & BLOCK_COUNT_FLAG) !== 0 ? 2 : value + 1;
  }

  distanceAhead(place: number): number {
    let last = 0;
    for (let i = place; i < this.#count; i++) {
      const { type, value } = this.at(i);
      if (type !== LCLUSTER_NONHEAD) return i - place;
      last = value;
    }
    const distance = this.#count - place;
    return (last & BLOCK_COUNT_FLAG) !== 0 ? distance : distance + last - 1;
  }

  /** Blocks from the pack's address to those of a head, where each cluster has one. */
  blocksBefore(place: number): number {
    let blocks = 1;
    for (let i = place - 1; i >= 0; i--) {
      const { type, value } = this.at(i);
      if (type === LCLUSTER_NONHEAD) i -= value;
      if (i >= 0) blocks++;
    }
    return blocks;
  }

  /** The same where clusters have any number of blocks; undefined where one does not say how many. */
  bigBlocksBefore(place: number): number | undefined {
    let blocks = 0;
    for (let i = place - 1; i >= 0; i--) {
      const { type, value } = this.at(i);
      if (type !== LCLUSTER_NONHEAD) {
        blocks++;
      } else if ((value & BLOCK_COUNT_FLAG) !== 0) {
        i--;
        blocks += value & ~BLOCK_COUNT_FLAG;
      } else {
        if (value <= 1) return undefined;
        i -= value - 2;
      }
    }
    return blocks;
  }
}
