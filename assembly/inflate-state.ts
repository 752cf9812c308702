/**
 * What an inflater remembers between calls. The hot loop keeps copies in locals and writes them back when it leaves.
 */

import { HISTORY_SIZE, INFLATE_INPUT, INFLATE_OUTPUT, PIECE_SIZE } from './buffers';

// biome-ignore-start lint/style/useConst: the other files of the inflater assign these.
/** Packed bytes of this call that are still to be read. */
export namespace source {
  export let at: usize = INFLATE_INPUT;
  export let end: usize = INFLATE_INPUT;
}

/** Bits taken from the source and not used yet, the next one lowest. */
export namespace bits {
  export let held: u64 = 0;
  export let count: u32 = 0;
}

/** Where output goes. Matches may reach back to `start`; at `limit` the piece is full. */
export namespace target {
  export let at: usize = INFLATE_OUTPUT;
  export const start: usize = INFLATE_OUTPUT;
  export const limit: usize = INFLATE_OUTPUT + HISTORY_SIZE + PIECE_SIZE;
}

// biome-ignore-end lint/style/useConst: the other files of the inflater assign these.

/** Takes bytes from the source until `wanted` bits (at most 56) are held; false when the source ends before. */
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
