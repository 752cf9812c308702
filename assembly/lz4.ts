/**
 * LZ4 blocks (lz4 doc/lz4_Block_format.md), whole in memory on both sides. Copies go in vectors past the end of what
 * they copy, so source and target have BLOCK_SLACK bytes behind them.
 */

import { BLOCK_DONE, BLOCK_INVALID, BLOCK_TOO_LONG, BLOCK_TOO_SHORT } from './block-outcome';
import { copyMatch } from './copy-match';

/** The largest length that a token holds; more follows in bytes of their own. */
const TOKEN_LENGTH: u32 = 15;
const SHORTEST_MATCH: u32 = 4;
/** The specification's conditions at the end of a block: where the last match may start, and where it must end. */
const LAST_MATCH_START: usize = 12;
const LAST_LITERALS: usize = 5;

/** What a usual sequence takes and makes at most, and the last literals: see {@link decodeFast}. */
const LONGEST_USUAL_SOURCE: u32 = 1 + 14 + 2 + 1 + 8;
const LONGEST_USUAL_TARGET: u32 = 14 + 4 + 15 + 254 + 12;

/** Where a length that is longer than a token holds ends; a result of {@link readLength}. */
let lengthEnd: usize = 0;

/** The rest of a length; at most 255 times the size of the source. */
function readLength(from: usize, end: usize): u32 {
  let at = from;
  while (at < end && load<u8>(at) === 255) at++;
  lengthEnd = at + 1;
  return TOKEN_LENGTH + <u32>(at - from) * 255 + (at < end ? <u32>load<u8>(at) : 0);
}

/** How far usual sequences got: see {@link decodeFast}. */
let fastFrom: usize = 0;
let fastTo: usize = 0;

/**
 * Decodes usual sequences, whose token says all of the length of the literals, and of the match all but a byte. It runs
 * while the longest of them can be taken unchecked, and stops in front of any other and of what is invalid.
 */
function decodeFast(from: usize, lastFrom: usize, target: usize, to: usize, lastTo: usize): void {
  while (from < lastFrom && to < lastTo) {
    const token = <u32>load<u8>(from);
    const literals = <usize>token >> 4;
    if (literals === TOKEN_LENGTH) break;
    v128.store(to, v128.load(from, 1));
    let next = from + literals + 3;
    const at = to + literals;
    const distance = <u32>load<u16>(from + literals, 1);
    if (distance - 1 >= <u32>(at - target)) break;
    let length = token & TOKEN_LENGTH;
    if (length === TOKEN_LENGTH) {
      const more = <u32>load<u8>(next++);
      if (more === 255) break;
      length += more;
    }
    length += SHORTEST_MATCH;
    if (distance >= 16 && length <= 32) {
      v128.store(at, v128.load(at - distance));
      v128.store(at, v128.load(at - distance, 16), 16);
    } else {
      copyMatch(at, distance, length);
    }
    from = next;
    to = at + length;
  }
  fastFrom = from;
  fastTo = to;
}

function copyLiterals(to: usize, from: usize, size: u32): void {
  const end = to + size;
  do {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    to += 32;
    from += 32;
  } while (to < end);
}

/** Fills the `capacity` bytes at `target` from the block of `size` bytes at `source`; one of block-outcome.ts. */
export function lz4Unpack(
  source: usize,
  size: u32,
  target: usize,
  capacity: u32,
  partial: bool,
): i32 {
  const end = source + size;
  const limit = target + capacity;
  let from = source;
  let to = target;
  const lastFrom = size > LONGEST_USUAL_SOURCE ? end - LONGEST_USUAL_SOURCE : source;
  const lastTo = capacity > LONGEST_USUAL_TARGET ? limit - LONGEST_USUAL_TARGET : target;
  if (partial && capacity === 0) return BLOCK_DONE;
  while (from < end) {
    decodeFast(from, lastFrom, target, to, lastTo);
    from = fastFrom;
    to = fastTo;
    const token = <u32>load<u8>(from++);
    let literals = token >> 4;
    if (literals === TOKEN_LENGTH) {
      literals = readLength(from, end);
      from = lengthEnd;
    }
    if (literals > <u32>(limit - to)) {
      if (!partial) return BLOCK_TOO_LONG;
      literals = <u32>(limit - to);
    }
    if (from + literals > end) return BLOCK_TOO_SHORT;
    copyLiterals(to, from, literals);
    from += literals;
    to += literals;
    if (partial ? to === limit : from === end) return to === limit ? BLOCK_DONE : BLOCK_TOO_SHORT;
    if (end - from < 2) return BLOCK_TOO_SHORT;
    const distance = <u32>load<u16>(from);
    from += 2;
    if (distance === 0 || distance > <u32>(to - target)) return BLOCK_INVALID;
    if (!partial && to + LAST_MATCH_START > limit) return BLOCK_INVALID;
    let length = (token & TOKEN_LENGTH) + SHORTEST_MATCH;
    if (length === TOKEN_LENGTH + SHORTEST_MATCH) {
      length = readLength(from, end) + SHORTEST_MATCH;
      from = lengthEnd;
      if (from > end) return BLOCK_TOO_SHORT;
    }
    if (length > <u32>(limit - to)) {
      if (!partial) return BLOCK_TOO_LONG;
      length = <u32>(limit - to);
    }
    if (!partial && to + length + LAST_LITERALS > limit) return BLOCK_INVALID;
    copyMatch(to, distance, length);
    to += length;
    if (partial && to === limit) return BLOCK_DONE;
  }
  return BLOCK_TOO_SHORT;
}
