/** Brings together a body of known length that may arrive in pieces. */

import type { Cursor } from './cursor.ts';

export class Collector {
  #length = 0;
  #filled = 0;
  #buffer: Uint8Array | undefined;

  /** Starts a body of `length` bytes, which the caller has checked against a limit. */
  begin(length: number): void {
    this.#length = length;
    this.#filled = 0;
    this.#buffer = undefined;
  }

  /**
   * Takes what is there; returns the body once it is complete. It is a view of the chunk where that holds all
   * of it, so parts that outlive the chunk must be copied.
   */
  collect(cursor: Cursor): Uint8Array | undefined {
    const piece = cursor.takeUpTo(this.#length - this.#filled);
    if (piece.length === this.#length) return piece;
    this.#buffer ??= new Uint8Array(this.#length);
    this.#buffer.set(piece, this.#filled);
    this.#filled += piece.length;
    return this.#filled === this.#length ? this.#buffer : undefined;
  }
}
