/**
 * The loop for the edges of the input: one symbol at a time, used up only when all of its bits are held, so that the
 * input may end anywhere.
 */

import { INVALID_DATA, NEED_INPUT, OUTPUT_FULL, STEP_DONE } from './block-header';
import { bits, hold, target } from './inflate-state';
import { distanceEntry, literalEntry, resolvedDistance, resolvedLiteral, valueIn } from './look-up';
import { HELD_AT, INVALID, LITERAL, SPECIAL, VALUE_AT } from './symbols';

/** RFC 1951: 15 + 5 bits of a length, 15 + 13 of a distance. */
const WIDEST_SYMBOL: u32 = 48;

/** Beside the outcomes of block-header.ts: the block goes on. */
const CAREFUL_CONTINUES: i32 = 4;

function copyBytes(distance: u32, length: u32): void {
  let from = target.at - distance;
  for (let left = length; left > 0; left--) store<u8>(target.at++, load<u8>(from++));
}

function use(width: u32): void {
  bits.held >>= width;
  bits.count -= width;
}

/** The entry at the front of the stream, whole; it says whether there are the bits that it takes. */
function readLiteral(held: u64): u32 {
  return <u32>resolvedLiteral(literalEntry(held), held);
}

/** Decodes one symbol; CAREFUL_CONTINUES when there may be more. */
function decodeOne(): i32 {
  hold(WIDEST_SYMBOL);
  const held = bits.held << HELD_AT;
  const entry = readLiteral(held);
  const width = entry & 63;
  if (width > bits.count) return NEED_INPUT;
  if (entry & LITERAL) {
    store<u8>(target.at++, <u8>(entry >> VALUE_AT));
    use(width);
    return CAREFUL_CONTINUES;
  }
  if (!(entry & SPECIAL)) return decodeMatch(entry >> VALUE_AT, width, held >> width);
  if (entry & INVALID) return INVALID_DATA;
  use(width);
  return STEP_DONE;
}

/** Decodes the distance, which `held` begins with, behind a length of `width` bits. */
function decodeMatch(length: u32, width: u32, held: u64): i32 {
  const entry = resolvedDistance(distanceEntry(held), held);
  const whole = width + (<u32>entry & 63);
  if (whole > bits.count) return NEED_INPUT;
  const distance = valueIn(entry, held);
  if (distance > <u32>(target.at - target.start)) return INVALID_DATA;
  copyBytes(distance, length);
  use(whole);
  return CAREFUL_CONTINUES;
}

/** Decodes until the block ends (STEP_DONE) or one of the outcomes of the host. */
export function decodeCarefully(): i32 {
  let outcome = CAREFUL_CONTINUES;
  while (outcome === CAREFUL_CONTINUES) {
    if (target.at >= target.limit) return OUTPUT_FULL;
    outcome = decodeOne();
  }
  return outcome;
}
