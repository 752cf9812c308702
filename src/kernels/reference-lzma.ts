/**
 * MicroLZMA as EROFS has it (Linux lib/xz/xz_dec_lzma2.c, xz_dec_microlzma_run): one LZMA stream without a header or an
 * end marker, in place of whose first byte, which is always zero, stand the properties, inverted. The target is the
 * dictionary.
 */

import { copyMatch } from './copy-match.ts';
import type { BlockOutcome } from './kernels.ts';
import { RangeDecoder } from './reference-lzma-range.ts';

/** The byte of properties and the first four of the range decoder. */
const LEAST_SIZE = 5;
const MOST_PROPERTIES = (4 * 5 + 4) * 9 + 8;
const MOST_LITERAL_BITS = 4;
const SHORTEST_MATCH = 2;
/** States below were reached by a literal. */
const LITERAL_STATES = 7;
const DISTANCE_SLOT_WIDTH = 6;
/** Distances in slots below are the slot, those up to the next have all their bits in trees. */
const FIRST_SPECIAL_SLOT = 4;
const FIRST_DIRECT_SLOT = 14;
const ALIGN_WIDTH = 4;

/** Places of the probabilities, by state of which there are 12, and by position of which four bits count. */
const IS_MATCH = 0;
const IS_LONG_REPEAT = IS_MATCH + 12 * 16;
const IS_REPEAT = IS_LONG_REPEAT + 12 * 16;
const IS_OLDER_1 = IS_REPEAT + 12;
const IS_OLDER_2 = IS_OLDER_1 + 12;
const IS_OLDER_3 = IS_OLDER_2 + 12;
const DISTANCE_SLOTS = IS_OLDER_3 + 12;
const DISTANCE_SPECIAL = DISTANCE_SLOTS + 4 * 64;
const DISTANCE_ALIGN = DISTANCE_SPECIAL + 128;
const MATCH_LENGTHS = DISTANCE_ALIGN + 16;
/** Two choices, short and middle lengths by position, long ones. */
const LENGTH_SHORT = 2;
const LENGTH_MIDDLE = LENGTH_SHORT + 8 * 16;
const LENGTH_LONG = LENGTH_MIDDLE + 8 * 16;
const REPEAT_LENGTHS = MATCH_LENGTHS + LENGTH_LONG + 256;
const LITERALS = REPEAT_LENGTHS + LENGTH_LONG + 256;
const LITERAL_SIZE = 0x300;

export class ReferenceLzma {
  readonly #range = new RangeDecoder(LITERALS + (LITERAL_SIZE << MOST_LITERAL_BITS));
  /** Bits of the byte before that choose a literal's tree, and the same of positions. */
  #contextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #state = 0;
  /** The last four distances, less one. */
  #distance0 = 0;
  #distance1 = 0;
  #distance2 = 0;
  #distance3 = 0;

  /** As {@link BlockUnpacker.lzma}. */
  unpack(
    source: Uint8Array,
    target: Uint8Array,
    partial: boolean,
    dictionary: number,
  ): BlockOutcome {
    if (partial && target.length === 0) return 'done';
    if (source.length < LEAST_SIZE) return 'too short';
    if (!this.#begin(source)) return 'invalid';
    const range = this.#range;
    let at = 0;
    while (at < target.length) {
      const position = at & this.#positionMask;
      if (range.bit(IS_MATCH + (this.#state << 4) + position) === 0) {
        target[at] = this.#readLiteral(target, at);
        if (range.at > source.length) return 'too short';
        at++;
        continue;
      }
      const isRepeat = range.bit(IS_REPEAT + this.#state) === 1;
      let length = isRepeat ? this.#readRepeat(position) : this.#readMatch(position);
      if (range.at > source.length) return 'too short';
      const distance = this.#distance0;
      // A distance of 2^32, which marks the end of other streams, is negative here.
      if (distance < 0 || distance >= at || distance >= dictionary) return 'invalid';
      if (length > target.length - at) {
        if (!partial) return 'too long';
        length = target.length - at;
      }
      copyMatch(target, at, distance + 1, length);
      at += length;
    }
    return partial ? 'done' : this.#finish(source.length);
  }

  #begin(source: Uint8Array): boolean {
    const properties = source[0]! ^ 0xff;
    if (properties > MOST_PROPERTIES) return false;
    const contextBits = properties % 9;
    const positionBits = Math.floor(properties / 9) % 5;
    if (contextBits + positionBits > MOST_LITERAL_BITS) return false;
    this.#contextBits = contextBits;
    this.#literalPositionMask = (1 << positionBits) - 1;
    this.#positionMask = (1 << Math.floor(properties / 45)) - 1;
    this.#state = 0;
    this.#distance0 = 0;
    this.#distance1 = 0;
    this.#distance2 = 0;
    this.#distance3 = 0;
    this.#range.begin(source, 1, LITERALS + (LITERAL_SIZE << (contextBits + positionBits)));
    return true;
  }

  #readLiteral(target: Uint8Array, at: number): number {
    const before = at === 0 ? 0 : target[at - 1]!;
    const context =
      ((at & this.#literalPositionMask) << this.#contextBits) + (before >> (8 - this.#contextBits));
    const tree = LITERALS + LITERAL_SIZE * context;
    const state = this.#state;
    if (state < LITERAL_STATES) {
      this.#state = state < 4 ? 0 : state - 3;
      return this.#range.tree(tree, 8);
    }
    this.#state = state < 10 ? state - 3 : state - 6;
    return this.#range.matchedTree(tree, target[at - this.#distance0 - 1]!);
  }

  /** Reads a match at one of the last distances; returns its length. */
  #readRepeat(position: number): number {
    const state = this.#state;
    const range = this.#range;
    if (range.bit(IS_OLDER_1 + state) === 1) {
      this.#recallOlder();
    } else if (range.bit(IS_LONG_REPEAT + (state << 4) + position) === 0) {
      this.#state = state < LITERAL_STATES ? 9 : 11;
      return 1;
    }
    this.#state = state < LITERAL_STATES ? 8 : 11;
    return this.#readLength(REPEAT_LENGTHS, position);
  }

  /** Makes one of the distances before the last the last. */
  #recallOlder(): void {
    const last = this.#distance0;
    if (this.#range.bit(IS_OLDER_2 + this.#state) === 0) {
      this.#distance0 = this.#distance1;
    } else {
      if (this.#range.bit(IS_OLDER_3 + this.#state) === 0) {
        this.#distance0 = this.#distance2;
      } else {
        this.#distance0 = this.#distance3;
        this.#distance3 = this.#distance2;
      }
      this.#distance2 = this.#distance1;
    }
    this.#distance1 = last;
  }

  /** Reads a match at a new distance; returns its length. */
  #readMatch(position: number): number {
    this.#state = this.#state < LITERAL_STATES ? 7 : 10;
    this.#distance3 = this.#distance2;
    this.#distance2 = this.#distance1;
    this.#distance1 = this.#distance0;
    const length = this.#readLength(MATCH_LENGTHS, position);
    this.#distance0 = this.#readDistance(length);
    return length;
  }

  #readLength(table: number, position: number): number {
    const range = this.#range;
    if (range.bit(table) === 0) {
      return SHORTEST_MATCH - 8 + range.tree(table + LENGTH_SHORT + (position << 3), 3);
    }
    if (range.bit(table + 1) === 0) {
      return SHORTEST_MATCH + range.tree(table + LENGTH_MIDDLE + (position << 3), 3);
    }
    return SHORTEST_MATCH + 16 - 256 + range.tree(table + LENGTH_LONG, 8);
  }

  /** A distance less one, as a signed number. */
  #readDistance(length: number): number {
    const range = this.#range;
    const kind = Math.min(length - SHORTEST_MATCH, 3);
    const slot = range.tree(DISTANCE_SLOTS + (kind << 6), DISTANCE_SLOT_WIDTH) - 64;
    if (slot < FIRST_SPECIAL_SLOT) return slot;
    const width = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) << width;
    if (slot < FIRST_DIRECT_SLOT) {
      return high + range.reverseTree(DISTANCE_SPECIAL + high - slot, width);
    }
    const middle = range.direct(width - ALIGN_WIDTH) << ALIGN_WIDTH;
    return (high + middle + range.reverseTree(DISTANCE_ALIGN, ALIGN_WIDTH)) | 0;
  }

  /** Whether the stream ends where its source does. */
  #finish(end: number): BlockOutcome {
    this.#range.normalize();
    if (this.#range.at > end) return 'too short';
    if (this.#range.at < end) return 'too long';
    return this.#range.isSpent ? 'done' : 'invalid';
  }
}
