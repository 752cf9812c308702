/** Ranges of bytes and whose they are, as columns. */

import { grown } from './columns.ts';

/** Arrays of up to 64 bytes are made on the heap, which is fast. */
const FEW = 8;

export class Spans {
  count = 0;
  #starts: Float64Array = new Float64Array(FEW);
  #ends: Float64Array = new Float64Array(FEW);
  #owners: Int32Array = new Int32Array(FEW);

  add(start: number, end: number, owner: number): void {
    if (end <= start) return;
    const index = this.count++;
    if (this.count > this.#starts.length) {
      this.#starts = grown(this.#starts, this.count);
      this.#ends = grown(this.#ends, this.count);
      this.#owners = grown(this.#owners, this.count);
    }
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#owners[index] = owner;
  }

  start(index: number): number {
    return this.#starts[index]!;
  }

  end(index: number): number {
    return this.#ends[index]!;
  }

  owner(index: number): number {
    return this.#owners[index]!;
  }

  /** Indexes by start, where starts are equal by end. */
  order(): Uint32Array {
    const order = new Uint32Array(this.count);
    for (let index = 0; index < order.length; index++) order[index] = index;
    if (this.#isSorted()) return order;
    const starts = this.#starts;
    const ends = this.#ends;
    return order.sort((a, b) => starts[a]! - starts[b]! || ends[a]! - ends[b]! || a - b);
  }

  starts(): Float64Array {
    return this.#starts.subarray(0, this.count);
  }

  ends(): Float64Array {
    return this.#ends.subarray(0, this.count);
  }

  #isSorted(): boolean {
    for (let index = 1; index < this.count; index++) {
      if (this.#starts[index]! <= this.#starts[index - 1]!) return false;
    }
    return true;
  }
}

/** Ranges that do not touch, in order. */
export class Runs {
  readonly starts: Float64Array;
  readonly ends: Float64Array;

  private constructor(starts: Float64Array, ends: Float64Array) {
    this.starts = starts;
    this.ends = ends;
  }

  /**
   * What is covered by ranges with these starts and ends, in any order: a run goes on for as long as more ranges have
   * begun than ended. Both arrays are sorted in place.
   */
  static of(starts: Float64Array, ends: Float64Array): Runs {
    starts.sort();
    ends.sort();
    let count = 0;
    for (let begun = 0, ended = 0; ended < ends.length; ) {
      if (begun < starts.length && starts[begun]! <= ends[ended]!) {
        // The first of a run; what `starts` has up to here has been used.
        if (begun === ended) starts[count] = starts[begun]!;
        begun++;
      } else {
        const end = ends[ended]!;
        ended++;
        if (begun === ended) ends[count++] = end;
      }
    }
    return new Runs(starts.subarray(0, count), ends.subarray(0, count));
  }

  /** Whether no two of the ranges share a byte. Both arrays are sorted in place, which is fast: no order is kept. */
  static areApart(starts: Float64Array, ends: Float64Array): boolean {
    starts.sort();
    ends.sort();
    for (let index = 1; index < starts.length; index++) {
      if (starts[index]! < ends[index - 1]!) return false;
    }
    return true;
  }

  /** Bytes in all runs. */
  get bytes(): number {
    let sum = 0;
    for (let index = 0; index < this.starts.length; index++) {
      sum += this.ends[index]! - this.starts[index]!;
    }
    return sum;
  }

  /** Where `start` to `end` meets a run first, or undefined. */
  meets(start: number, end: number): number | undefined {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! <= start) low = middle + 1;
      else high = middle;
    }
    if (low === this.starts.length || this.starts[low]! >= end) return undefined;
    return Math.max(start, this.starts[low]!);
  }
}

/** A growing union of ranges that may lie over each other: it takes memory for what is apart, not for what is added. */
export class Union {
  #starts: Float64Array = new Float64Array(FEW);
  #ends: Float64Array = new Float64Array(FEW);
  #count = 0;

  add(start: number, end: number): void {
    const last = this.#count - 1;
    if (last >= 0 && this.#ends[last] === start) {
      this.#ends[last] = end;
      return;
    }
    if (this.#count === this.#starts.length) this.#makeRoom();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count++;
  }

  starts(): Float64Array {
    return this.#starts.subarray(0, this.#count);
  }

  ends(): Float64Array {
    return this.#ends.subarray(0, this.#count);
  }

  /** Joins what touches; grows where that leaves less than half of the room. */
  #makeRoom(): void {
    const { starts } = Runs.of(this.starts(), this.ends());
    this.#count = starts.length;
    if (this.#count > this.#starts.length / 2) {
      this.#starts = grown(this.#starts, this.#starts.length + 1);
      this.#ends = grown(this.#ends, this.#ends.length + 1);
    }
  }
}
