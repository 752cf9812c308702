/**
 * The range decoder of LZMA (xz doc/lzma-file-format.txt, Linux lib/xz/xz_dec_lzma2.c): bits, and trees of bits, each
 * with a probability that adapts.
 */

/** Probabilities are of 2^11, and move by a 32nd. */
const PROBABILITY_BITS = 11;
const PROBABILITY_TOTAL = 1 << PROBABILITY_BITS;
const MOVE_BITS = 5;
const EVEN_CHANCE = PROBABILITY_TOTAL / 2;
/** A range with none of these bits takes another byte. */
const TOP_BITS = 0xff00_0000 | 0;

export class RangeDecoder {
  /** Position of the next byte; past the end of the source after a symbol that is cut off. */
  at = 0;
  readonly #chances: Uint16Array;
  #source: Uint8Array = new Uint8Array(0);
  /** Both are 32 bits unsigned, held as signed numbers, for which engines need no memory. */
  #range = 0;
  #code = 0;

  /** Trees and bits are told by their place among `size` probabilities. */
  constructor(size: number) {
    this.#chances = new Uint16Array(size);
  }

  /** Whether nothing is left in what was read, as at the end of a stream. */
  get isSpent(): boolean {
    return this.#code === 0;
  }

  /** Begins at byte `at` of `source`, with even chances for the first `used` bits. */
  begin(source: Uint8Array, at: number, used: number): void {
    this.#chances.fill(EVEN_CHANCE, 0, used);
    this.#source = source;
    this.#range = -1;
    this.#code = 0;
    this.at = at;
    for (let i = 0; i < 4; i++) this.#code = (this.#code << 8) | this.#next();
  }

  /** Takes a byte where the range has become too small for another bit. */
  normalize(): void {
    if ((this.#range & TOP_BITS) === 0) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#next();
    }
  }

  /** 0 or 1. */
  bit(place: number): number {
    this.normalize();
    const chance = this.#chances[place]!;
    const bound = Math.imul(this.#range >>> PROBABILITY_BITS, chance);
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.#chances[place] = chance + ((PROBABILITY_TOTAL - chance) >> MOVE_BITS);
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    this.#chances[place] = chance - (chance >> MOVE_BITS);
    return 1;
  }

  /** `1 << width` and the `width` bits below it, highest first. */
  tree(place: number, width: number): number {
    const end = 1 << width;
    let symbol = 1;
    while (symbol < end) symbol = (symbol << 1) | this.bit(place + symbol);
    return symbol;
  }

  /** `width` bits, lowest first. */
  reverseTree(place: number, width: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < width; i++) {
      const bit = this.bit(place + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  /** A tree of eight bits, each of which is expected to be that of `expected`, until one is not. */
  matchedTree(place: number, expected: number): number {
    let offset = 0x100;
    let wanted = expected << 1;
    let symbol = 1;
    while (symbol < 0x100) {
      const wantedBit = wanted & offset;
      const bit = this.bit(place + offset + wantedBit + symbol);
      symbol = (symbol << 1) | bit;
      offset &= bit === 0 ? ~wantedBit : wantedBit;
      wanted <<= 1;
    }
    return symbol;
  }

  /** `width` bits of even chance, 26 at most, highest first. */
  direct(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) {
      this.normalize();
      this.#range >>>= 1;
      this.#code = (this.#code - this.#range) | 0;
      const borrow = this.#code >> 31;
      this.#code = (this.#code + (this.#range & borrow)) | 0;
      value = (value << 1) + borrow + 1;
    }
    return value;
  }

  #next(): number {
    return this.#source[this.at++] ?? 0;
  }
}
