/** The map of a sparse file, checked row by row and kept as lengths of holes and data in turn. */

import { limitFailure, type Place, tarFailure } from './failure.ts';
import type { TarLimits } from './limits.ts';

/** Lengths in bytes: hole, data, hole, data and so on; any of them may be 0. They add up to the file's size. */
export type Pieces = readonly number[];

export class SparseMap {
  /** Length of the file with its holes. */
  readonly realSize: number;
  readonly #limits: TarLimits;
  readonly #place: Place;
  readonly #pieces: number[] = [];
  #rows = 0;
  #end = 0;
  #dataLength = 0;

  constructor(realSize: number, limits: TarLimits, place: Place) {
    if (realSize > limits.fileSize) {
      throw limitFailure('fileSize', limits, 'the size of a sparse file', place);
    }
    this.realSize = realSize;
    this.#limits = limits;
    this.#place = place;
  }

  /** Adds `length` bytes of data at `offset` of the file. Fails with `E_SPARSE` or `E_LIMIT`. */
  add(offset: number, length: number): void {
    if (++this.#rows > this.#limits.sparseExtents) {
      throw limitFailure('sparseExtents', this.#limits, 'a sparse map', this.#place);
    }
    if (!isCount(offset) || !isCount(length)) throw this.#failure('holds a malformed number');
    if (offset < this.#end) throw this.#failure('has rows that overlap or are out of order');
    // Written as a difference, since a sum of two such numbers need not be exact.
    if (length > this.realSize - offset) throw this.#failure('goes beyond the end of the file');
    if (length === 0) return;
    this.#pieces.push(offset - this.#end, length);
    this.#end = offset + length;
    this.#dataLength += length;
  }

  /** The pieces of the file, of which the archive stores `storedSize` bytes. */
  finish(storedSize: number): Pieces {
    if (this.#dataLength !== storedSize) {
      throw this.#failure(`describes ${this.#dataLength} bytes of data, ${storedSize} are stored`);
    }
    this.#pieces.push(this.realSize - this.#end, 0);
    return this.#pieces;
  }

  #failure(problem: string): Error {
    return tarFailure('E_SPARSE', `the sparse map ${problem}`, this.#place);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
