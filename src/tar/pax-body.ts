/** The body of a PAX header as records `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record. */

import { latin1 } from '../bytes.ts';

/** One record; its value is the bytes `from` to `to` of the body. */
export interface PaxRecord {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** Index of the next record. */
  readonly end: number;
}

const DIGIT_0 = 0x30;
/** A body has 8 digits of length at most; leading zeros beyond that are no writer's. */
const MAX_LENGTH_DIGITS = 10;

export class PaxBody {
  readonly #bytes: Uint8Array;
  /** The same bytes, decoded once: a string is cut and searched for less than a typed array. */
  readonly #text: string;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = latin1(bytes);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The record at index `at`, or undefined where its length or shape is not exact. */
  recordAt(at: number): PaxRecord | undefined {
    const text = this.#text;
    const space = text.indexOf(' ', at);
    const end = at + this.#decimal(at, space);
    // Also false where the length is NaN.
    if (!(end <= text.length && end > space + 1) || text[end - 1] !== '\n') return undefined;
    const equals = text.indexOf('=', space + 1);
    if (equals <= space + 1 || equals >= end - 1) return undefined;
    return { key: text.slice(space + 1, equals), from: equals + 1, to: end - 1, end };
  }

  /** The value, one char code a byte. */
  textOf({ from, to }: PaxRecord): string {
    return this.#text.slice(from, to);
  }

  /** A copy of the value. */
  bytesOf({ from, to }: PaxRecord): Uint8Array {
    return this.#bytes.slice(from, to);
  }

  /** NaN unless all of `from` to `to` are digits and there is at least one. */
  #decimal(from: number, to: number): number {
    if (to <= from || to > from + MAX_LENGTH_DIGITS) return Number.NaN;
    let value = 0;
    for (let i = from; i < to; i++) {
      const digit = this.#bytes[i]! - DIGIT_0;
      if (digit < 0 || digit > 9) return Number.NaN;
      value = value * 10 + digit;
    }
    return value;
  }
}
