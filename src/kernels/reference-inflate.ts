/**
 * A DEFLATE decoder in TypeScript that refuses what zlib refuses and ends on the exact byte. A unit (a block header or
 * a symbol) that runs past the input is undone and read again with the next input.
 */

import type { InflateEngine, InflateOutcome } from './inflater.ts';
import { BitInput } from './reference-bits.ts';
import { type BlockBody, readBlockHeader } from './reference-block.ts';
import type { DecodeTable } from './reference-huffman.ts';

/** RFC 1951 section 2: a match reaches back 32 KiB at most. */
const HISTORY_SIZE = 32 * 1024;
/** Output between two moves of the history; many times the history, so that moving it costs little. */
const PIECE_SIZE = 256 * 1024;
const LONGEST_MATCH = 258;
const LIMIT = HISTORY_SIZE + PIECE_SIZE;
/** A few reads of a network stream. */
const INPUT_SIZE = 64 * 1024;
const END_OF_BLOCK = 256;

/** RFC 1951 section 3.2.5: base and extra bits by symbol - 257, and by distance symbol. */
const LENGTH_EXTRA = Uint8Array.from({ length: 29 }, (_, i) =>
  i < 8 || i > 27 ? 0 : (i >> 2) - 1,
);
const LENGTH_BASE = bases(LENGTH_EXTRA, 3).fill(258, 28);
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, i) => (i < 4 ? 0 : (i >> 1) - 1));
const DISTANCE_BASE = bases(DISTANCE_EXTRA, 1);

function bases(extra: Uint8Array, first: number): Uint16Array {
  let base = first;
  return Uint16Array.from(extra, (bits) => {
    const own = base;
    base += 1 << bits;
    return own;
  });
}

export class ReferenceInflateEngine implements InflateEngine {
  readonly capacity = INPUT_SIZE;
  readonly #input = new BitInput(INPUT_SIZE);
  readonly #window = new Uint8Array(LIMIT + LONGEST_MATCH);
  #taken = 0;
  #at = 0;
  #body: BlockBody | undefined;
  #stored = 0;
  #isLast = false;

  reset(): void {
    this.#input.clear();
    this.#taken = 0;
    this.#at = 0;
    this.#body = undefined;
    this.#isLast = false;
  }

  feed(input: Uint8Array): void {
    this.#input.feed(input);
  }

  run(): InflateOutcome {
    for (;;) {
      if (!this.#body && this.#isLast) return 'ended';
      const outcome = this.#body ? this.#decodeBody(this.#body) : this.#startBlock();
      if (outcome) return outcome;
    }
  }

  output(): Uint8Array {
    return this.#window.subarray(this.#taken, this.#at);
  }

  take(): void {
    if (this.#at > HISTORY_SIZE) {
      this.#window.copyWithin(0, this.#at - HISTORY_SIZE, this.#at);
      this.#at = HISTORY_SIZE;
    }
    this.#taken = this.#at;
  }

  unused(): number {
    return this.#input.unused;
  }

  close(): void {}

  #startBlock(): InflateOutcome | undefined {
    const start = this.#input.position;
    const header = readBlockHeader(this.#input);
    if (this.#input.isShort) {
      this.#input.position = start;
      return 'needs-input';
    }
    if (!header) return 'invalid';
    this.#isLast = header.isLast;
    this.#body = header.body;
    this.#stored = header.body.kind === 'stored' ? header.body.size : 0;
    return undefined;
  }

  /** An outcome, or undefined once the block has ended. */
  #decodeBody(body: BlockBody): InflateOutcome | undefined {
    const outcome =
      body.kind === 'stored' ? this.#copyStored() : this.#decode(body.literals, body.distances);
    if (!outcome) this.#body = undefined;
    return outcome;
  }

  #copyStored(): InflateOutcome | undefined {
    const input = this.#input;
    while (this.#stored > 0) {
      const size = Math.min(this.#stored, input.unused, LIMIT - this.#at);
      if (size <= 0) return this.#at >= LIMIT ? 'output-full' : 'needs-input';
      const from = input.position >> 3;
      this.#window.set(input.bytes.subarray(from, from + size), this.#at);
      input.position += size * 8;
      this.#at += size;
      this.#stored -= size;
    }
    return undefined;
  }

  /** Symbols of a coded block. The loop keeps its state in locals: fields would halve its speed. */
  #decode(literals: DecodeTable, distances: DecodeTable): InflateOutcome | undefined {
    const { bytes, end } = this.#input;
    const window = this.#window;
    let { position } = this.#input;
    let at = this.#at;
    let outcome: InflateOutcome | undefined;
    for (;;) {
      if (at >= LIMIT) {
        outcome = 'output-full';
        break;
      }
      let next = position;
      const entry = literals.entries[peek(bytes, next) & literals.mask]!;
      const symbol = entry >> 4;
      next += entry & 15;
      if (symbol <= END_OF_BLOCK) {
        if (next > end) {
          outcome = 'needs-input';
          break;
        }
        position = next;
        if (symbol === END_OF_BLOCK) break;
        window[at++] = symbol;
        continue;
      }
      const lengthBits = LENGTH_EXTRA[symbol - 257] ?? 0;
      const length =
        (LENGTH_BASE[symbol - 257] ?? 0) + (peek(bytes, next) & ((1 << lengthBits) - 1));
      next += lengthBits;
      const distanceEntry = distances.entries[peek(bytes, next) & distances.mask]!;
      next += distanceEntry & 15;
      const distanceBits = DISTANCE_EXTRA[distanceEntry >> 4] ?? 0;
      const distance =
        (DISTANCE_BASE[distanceEntry >> 4] ?? 0) + (peek(bytes, next) & ((1 << distanceBits) - 1));
      next += distanceBits;
      if (next > end) {
        outcome = 'needs-input';
        break;
      }
      if (length < 3 || distance < 1 || distance > at) {
        outcome = 'invalid';
        break;
      }
      position = next;
      copyMatch(window, at, distance, length);
      at += length;
    }
    this.#input.position = position;
    this.#at = at;
    return outcome;
  }
}

/** At least 17 bits from `position` on. */
function peek(bytes: Uint8Array, position: number): number {
  const at = position >> 3;
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) >> (position & 7);
}

function copyMatch(window: Uint8Array, at: number, distance: number, length: number): void {
  const end = at + length;
  for (let to = at; to < end; to++) window[to] = window[to - distance]!;
}
