/**
 * What an inflater remembers between calls. The hot loops keep copies in locals and write them back when they leave.
 */

import { INFLATE_INPUT, INFLATE_OUTPUT } from './buffers';
import { HELD_AT } from './symbols';

// biome-ignore-start lint/style/useConst: the other files of the inflater assign these.
/** Packed bytes of this call that are still to be read. */
export namespace source {
  export let at: usize = INFLATE_INPUT;
  export let end: usize = INFLATE_INPUT;
}

/** Bits taken from the source and not used yet, at most 61, the next one lowest. */
export namespace bits {
  export let held: u64 = 0;
  export let count: u32 = 0;
}

/** Where output goes. Matches may reach back to `start`; at `limit` the room is full. */
export namespace target {
  export let at: usize = INFLATE_OUTPUT;
  export let start: usize = INFLATE_OUTPUT;
  export let limit: usize = INFLATE_OUTPUT;
}

// biome-ignore-end lint/style/useConst: the other files of the inflater assign these.

/** Takes bytes from the source until `wanted` bits (at most 54) are held; false when the source ends before. */
export function hold(wanted: u32): bool {
  while (bits.count < wanted) {
    if (source.at >= source.end) return false;
    bits.held |= (<u64>load<u8>(source.at++)) << bits.count;
    bits.count += 8;
  }
  return true;
}

/** Uses up `width` bits (at most 32), which must be held. */
export function take(width: u32): u32 {
  const value = <u32>(bits.held & (((<u64>1) << width) - 1));
  bits.held >>= width;
  bits.count -= width;
  return value;
}

/**
 * Whole bytes that a refill takes where `count` bits are held: it adds a word and makes `count | 56` of them without a
 * branch. What the word has above that is looked at, not taken, and is the same in the next word.
 */
export function refillBytes(count: u64): usize {
  return 7 - ((<usize>count >> 3) & 7);
}

/** Keeps what is held HELD_AT bits up, without the look-ahead above `count`, of which the low six bits are right. */
export function saveInput(from: usize, held: u64, count: u64): void {
  const left = (<u32>count & 63) - HELD_AT;
  source.at = from;
  bits.held = (held >> HELD_AT) & (((<u64>1) << left) - 1);
  bits.count = left;
}
