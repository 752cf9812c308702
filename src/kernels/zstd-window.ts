/**
 * What a frame has yielded, as far back as matches reach (RFC 8878 section 3.1.1.4): a ring that grows with what is
 * really there. A block is never cut by the end of the ring; a match from the lap before may be.
 */

import { copyMatch } from './copy-match.ts';
import { invalidBlock } from './zstd-error.ts';
import { LARGEST_BLOCK, type ZstdHeader } from './zstd-header.ts';
import type { ZstdLiterals } from './zstd-literals.ts';
import type { ZstdSequences } from './zstd-sequences.ts';

/** Short copies go four bytes at a time, so they may write three bytes too many. */
const SLACK = 8;
/** Up to here a loop is faster than a call of the engine's own copy. */
const SHORT_COPY = 48;

export class ZstdWindow {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** How far back matches may go. */
  #reach = 0;
  /** Where the ring need not grow any more, but can begin another lap. */
  #enough = 0;
  #at = 0;
  /** Where the lap before has ended. */
  #lapEnd = 0;
  /** Bytes of the frame before the current lap. */
  #before = 0;

  /** Bytes of the frame so far. */
  get produced(): number {
    return this.#before + this.#at;
  }

  beginFrame({ window, contentSize = window }: ZstdHeader): void {
    this.#reach = window;
    this.#enough = Math.min(window, contentSize) + LARGEST_BLOCK + 2 * SLACK;
    this.#at = 0;
    this.#lapEnd = 0;
    this.#before = 0;
  }

  /** Appends bytes, at most a block of them; returns them as a view that is valid until the next block. */
  append(bytes: Uint8Array): Uint8Array {
    this.#makeRoom();
    this.#bytes.set(bytes, this.#at);
    return this.#advance(bytes.length);
  }

  /** Appends `size` times the same byte, at most a block. */
  repeat(byte: number, size: number): Uint8Array {
    this.#makeRoom();
    this.#bytes.fill(byte, this.#at, this.#at + size);
    return this.#advance(size);
  }

  /**
   * Appends what a block says, for which literals and sequences were checked to add up to at most a block.
   * Throws `E_COMPRESSION` if a match goes back too far.
   */
  execute(sequences: ZstdSequences, literals: ZstdLiterals): Uint8Array {
    this.#makeRoom();
    const used = this.#replay(sequences, literals);
    const at = used.at;
    this.#bytes.set(literals.bytes.subarray(used.literals, literals.size), at);
    return this.#advance(at + literals.size - used.literals - this.#at);
  }

  #advance(size: number): Uint8Array {
    const start = this.#at;
    this.#at += size;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Runs all sequences; returns where that ends, and how many literals it took. */
  #replay(
    { count, literalLengths, matchLengths, offsets }: ZstdSequences,
    literals: ZstdLiterals,
  ): { at: number; literals: number } {
    const bytes = this.#bytes;
    const view = this.#view;
    const source = literals.view;
    const before = this.#before;
    const reach = this.#reach;
    let at = this.#at;
    let taken = 0;
    for (let i = 0; i < count; i++) {
      const literal = literalLengths[i]!;
      if (literal <= SHORT_COPY) {
        for (let k = 0; k < literal; k += 4) {
          view.setInt32(at + k, source.getInt32(taken + k, true), true);
        }
      } else {
        bytes.set(literals.bytes.subarray(taken, taken + literal), at);
      }
      at += literal;
      taken += literal;
      const offset = offsets[i]!;
      const match = matchLengths[i]!;
      if (offset === 0) throw invalidBlock('a match has no offset');
      if (offset > reach || offset > before + at) throw invalidBlock('a match is too far back');
      const from = at - offset;
      if (offset < 4 || match > SHORT_COPY || from < 0) {
        this.#copy(at, offset, match);
      } else {
        for (let k = 0; k < match; k += 4) {
          view.setInt32(at + k, view.getInt32(from + k, true), true);
        }
      }
      at += match;
    }
    return { at, literals: taken };
  }

  /** Copies a match of any kind. */
  #copy(at: number, offset: number, size: number): void {
    const missing = Math.max(0, offset - at);
    const part = Math.min(size, missing);
    const old = this.#lapEnd - missing;
    if (part > 0) this.#bytes.copyWithin(at, old, old + part);
    if (part < size) copyMatch(this.#bytes, at + part, offset, size - part);
  }

  /** Grows the ring, or begins another lap, so that a block fits behind what is there. */
  #makeRoom(): void {
    const needed = this.#at + LARGEST_BLOCK + SLACK;
    if (needed <= this.#bytes.length) return;
    if (needed <= this.#enough) {
      this.#grow(Math.min(this.#enough, Math.max(needed, 2 * this.#bytes.length)));
    } else {
      // Then the lap is longer than the window, so writing stays behind what matches can still reach.
      this.#before += this.#at;
      this.#lapEnd = this.#at;
      this.#at = 0;
    }
  }

  #grow(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
