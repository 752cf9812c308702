/** Damages bytes in the ways that find things: small changes, moved pieces, and numbers at the edge of something. */

import type { Random } from './random.ts';

/** Inputs stay small, so that there are many of them. */
const LARGEST = 64 * 1024;
const LONGEST_INSERT = 64;

const EDGE_NUMBERS: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 511, 512, 513, 1023, 1024,
  4095, 4096, 4097, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe,
  0xffff_ffff,
];

/** Bytes under damage, in one buffer that is used again and again. */
export class Mutator {
  readonly bytes = new Uint8Array(LARGEST);
  readonly view = new DataView(this.bytes.buffer);
  length = 0;
  readonly #corpus: readonly Uint8Array[];

  constructor(corpus: readonly Uint8Array[]) {
    this.#corpus = corpus;
  }

  /** Starts from one of the corpus. */
  begin(random: Random): void {
    this.load(random.pick(this.#corpus));
  }

  load(bytes: Uint8Array): void {
    this.length = Math.min(bytes.length, LARGEST);
    this.bytes.set(bytes.subarray(0, this.length));
  }

  /** A copy of what has become of them. */
  result(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** One change of any kind, at `at` or anywhere. */
  change(random: Random, at = random.below(this.length)): void {
    if (this.length === 0) this.insert(random, 0);
    const kind = random.below(16);
    if (kind < 4) this.bytes[at]! ^= 1 << random.below(8);
    else if (kind < 6) this.bytes[at] = random.below(256);
    else if (kind < 7) this.bytes[at] = random.pick([0, 1, 0x20, 0x2f, 0x30, 0x7f, 0x80, 0xff]);
    else if (kind < 10) this.#setNumber(random, at);
    else if (kind < 11) this.insert(random, at);
    else if (kind < 12) this.remove(at, 1 + random.small(this.length - at));
    else if (kind < 13) this.duplicate(at, 1 + random.small(this.length - at));
    else if (kind < 14) this.#overwrite(random, at);
    else if (kind < 15) this.#splice(random, at);
    else this.length = at;
  }

  insert(random: Random, at: number): void {
    const length = 1 + random.small(LONGEST_INSERT);
    if (!this.#makeRoom(at, length)) return;
    const byte = random.below(256);
    const isRun = random.chance(0.5);
    for (let i = at; i < at + length; i++) this.bytes[i] = isRun ? byte : random.below(256);
  }

  remove(at: number, length: number): void {
    this.bytes.copyWithin(at, at + length, this.length);
    this.length = Math.max(at, this.length - length);
  }

  /** Puts a second copy of a piece behind it. */
  duplicate(at: number, length: number): void {
    if (this.#makeRoom(at, length)) this.bytes.copyWithin(at, at + length, at + 2 * length);
  }

  /** Puts bytes in; what goes beyond the largest size is left out. */
  put(at: number, piece: Uint8Array): void {
    if (this.#makeRoom(at, piece.length)) this.bytes.set(piece, at);
  }

  #setNumber(random: Random, at: number): void {
    const width = random.pick([1, 2, 4, 8]);
    if (at + width > this.length) return;
    const little = random.chance(0.7);
    const value = random.pick(EDGE_NUMBERS);
    if (width === 1) this.bytes[at] = value;
    else if (width === 2) this.view.setUint16(at, value, little);
    else if (width === 4) this.view.setUint32(at, value, little);
    else this.view.setBigUint64(at, random.chance(0.2) ? ~BigInt(value) : BigInt(value), little);
  }

  /** Copies a piece from elsewhere over what is there. */
  #overwrite(random: Random, at: number): void {
    const from = random.below(this.length);
    const length = 1 + random.small(this.length - Math.max(at, from) - 1);
    this.bytes.copyWithin(at, from, from + length);
  }

  /** Goes on with the end of another one of the corpus. */
  #splice(random: Random, at: number): void {
    const other = random.pick(this.#corpus);
    this.length = at;
    this.put(at, other.subarray(random.below(other.length)));
  }

  #makeRoom(at: number, length: number): boolean {
    if (this.length + length > LARGEST) return false;
    this.bytes.copyWithin(at + length, at, this.length);
    this.length += length;
    return true;
  }
}
