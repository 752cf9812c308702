/** What each block of an image is used for, in a byte a block, or a byte for several of a very large image. */

import { roundUp } from '../bytes.ts';

/** Uses in order of weight: a block shows the heaviest of what lies in it. */
export const USES = ['unused', 'metadata', 'directories', 'data', 'compressed'] as const;
export type Use = (typeof USES)[number];

/** 16 MiB at most, enough for 64 GiB in blocks of 4096 bytes. */
const MAX_UNITS = 2 ** 24;
/** Set where something refers to the block that is not the first to do so. */
const SHARED = 0x80;
const METADATA = 1;

export class BlockUse {
  /** Bytes that a unit stands for: a block, or a power of two of them. */
  readonly unit: number;
  readonly #blockSize: number;
  readonly #units: Uint8Array;

  constructor(size: number, blockSize: number) {
    this.#blockSize = blockSize;
    let unit = blockSize;
    while (size / unit > MAX_UNITS) unit *= 2;
    this.unit = unit;
    this.#units = new Uint8Array(Math.ceil(size / unit));
  }

  /** Whether each block is known by itself. */
  get isExact(): boolean {
    return this.unit === this.#blockSize;
  }

  get length(): number {
    return this.#units.length;
  }

  /** Marks bytes of metadata; other things may lie in the same block. */
  markMetadata(offset: number, length: number): void {
    const end = Math.min(Math.ceil((offset + length) / this.unit), this.#units.length);
    for (let at = Math.floor(offset / this.unit); at < end; at++) this.#units[at] ||= METADATA;
  }

  /**
   * Marks blocks with content, from the start of one on; returns the bytes of those that had none before. In units of
   * several blocks nothing is known of that, and all of them count.
   */
  markContent(offset: number, length: number, use: Use): number {
    const kind = USES.indexOf(use);
    const end = Math.min(Math.ceil((offset + length) / this.unit), this.#units.length);
    let fresh = 0;
    for (let at = Math.floor(offset / this.unit); at < end; at++) {
      const known = this.#units[at]! & ~SHARED;
      if (known <= METADATA) fresh++;
      else if (this.isExact) this.#units[at]! |= SHARED;
      this.#units[at] = (this.#units[at]! & SHARED) | Math.max(known, kind);
    }
    return this.isExact ? fresh * this.unit : roundUp(length, this.#blockSize);
  }

  /** What a unit is used for, and whether several inodes refer to it. */
  at(index: number): { use: Use; shared: boolean } {
    const value = this.#units[index] ?? 0;
    return { use: USES[value & ~SHARED]!, shared: (value & SHARED) !== 0 };
  }

  /** Bytes of units that several inodes refer to. */
  sharedBytes(): number {
    let count = 0;
    for (const value of this.#units) if ((value & SHARED) !== 0) count++;
    return count * this.unit;
  }
}
