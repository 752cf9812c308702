/** The contents of two files of any length compared in bounded memory. */

import { equalBytes } from '../bytes.ts';
import type { Piece } from '../erofs/reader.ts';

/** What a piece is compared as; a hole is compared in stretches of this. */
const ZEROS = new Uint8Array(64 * 1024);

/**
 * The offset of the first byte that differs, or undefined where both are the same; a hole is its zeros. Of contents of
 * different length, the shorter one's end differs. The two must not be views of one buffer: each of an image of its own.
 */
export function firstDifference(a: Iterable<Piece>, b: Iterable<Piece>): number | undefined {
  const [first, second] = [new Pieces(a), new Pieces(b)];
  for (let offset = 0; ; ) {
    const length = Math.min(first.available(), second.available());
    if (length === 0) return first.available() === second.available() ? undefined : offset;
    if (first.isHole && second.isHole) {
      first.skip(length);
      second.skip(length);
      offset += length;
      continue;
    }
    const count = first.isHole || second.isHole ? Math.min(length, ZEROS.length) : length;
    const [left, right] = [first.take(count), second.take(count)];
    if (!equalBytes(left, right)) return offset + left.findIndex((byte, at) => byte !== right[at]);
    offset += count;
  }
}

/** Pieces taken in any lengths. */
class Pieces {
  readonly #source: Iterator<Piece>;
  #piece: Piece | undefined;
  #at = 0;

  constructor(source: Iterable<Piece>) {
    this.#source = source[Symbol.iterator]();
  }

  get isHole(): boolean {
    return this.#piece?.kind === 'hole';
  }

  /** Bytes that can be taken without the next piece; 0 at the end. */
  available(): number {
    for (;;) {
      const piece = this.#piece;
      const length = piece?.kind === 'hole' ? piece.length : (piece?.bytes.length ?? 0);
      if (length > this.#at) return length - this.#at;
      const { value, done } = this.#source.next();
      if (done === true) return 0;
      this.#piece = value;
      this.#at = 0;
    }
  }

  take(length: number): Uint8Array {
    const piece = this.#piece;
    const bytes =
      piece?.kind === 'data'
        ? piece.bytes.subarray(this.#at, this.#at + length)
        : ZEROS.subarray(0, length);
    this.#at += length;
    return bytes;
  }

  skip(length: number): void {
    this.#at += length;
  }
}
