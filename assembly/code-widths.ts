/** The widths of the codes of a block, themselves packed as runs (RFC 1951 section 3.2.7). */

import { CODE_LENGTH_TABLE, CODE_LENGTH_WIDTH, WIDTHS } from './decode-tables';
import { bits, hold, refillBytes, saveInput, source } from './inflate-state';
import { valueIn } from './look-up';
import { HELD_AT, SPECIAL, TIMES_MASK, WIDTH_AT } from './symbols';

/** The longest code of a run and its extra bits. */
const WIDEST_RUN: u32 = 7 + 7;
const INVALID_RUN: i32 = -1;

/** The run at the front of the stream, which is held HELD_AT bits up. */
function runEntry(held: u64): u64 {
  const index = <usize>held & (((1 << CODE_LENGTH_WIDTH) - 1) << HELD_AT);
  return <u64>load<u32>(CODE_LENGTH_TABLE + index);
}

/** Stores a run at place `at`, sixteen widths at a time; returns the place behind it, or INVALID_RUN. */
function placeRun(entry: u64, held: u64, at: i32, total: i32): i32 {
  const repeatsLast = (<u32>entry & SPECIAL) !== 0;
  if (repeatsLast && at === 0) return INVALID_RUN;
  const run = valueIn(entry, held);
  const end = at + <i32>(run & TIMES_MASK);
  if (end > total) return INVALID_RUN;
  const width = repeatsLast ? load<u8>(WIDTHS + at - 1) : <u8>((run >> WIDTH_AT) & 15);
  for (let place = at; place < end; place += 16) v128.store(WIDTHS + place, i8x16.splat(width));
  return end;
}

/** Reads runs while the source has whole words. */
function readRunsFast(filled: i32, total: i32): i32 {
  let at = filled;
  let from = source.at;
  let held = bits.held << HELD_AT;
  let count: u64 = bits.count + HELD_AT;
  while (at >= 0 && at < total && from + 8 <= source.end) {
    held |= load<u64>(from) << count;
    from += refillBytes(count);
    count |= 56;
    const entry = runEntry(held);
    at = placeRun(entry, held, at, total);
    held >>= entry;
    count -= entry;
  }
  saveInput(from, held, count);
  return at;
}

/**
 * Reads widths behind the first `filled` of `total`, as far as the source goes; returns how many there are then, or
 * INVALID_RUN where one repeats nothing or there are too many.
 */
export function readRuns(filled: i32, total: i32): i32 {
  let at = readRunsFast(filled, total);
  while (at >= 0 && at < total) {
    hold(WIDEST_RUN);
    const held = bits.held << HELD_AT;
    const entry = runEntry(held);
    const width = <u32>entry & 63;
    if (width > bits.count) return at;
    at = placeRun(entry, held, at, total);
    bits.held >>= width;
    bits.count -= width;
  }
  return at;
}
