/**
 * The hot loop, after libdeflate's decompress_template.h: one 64-bit refill for up to three literals, entries used
 * as shift counts as they are, state in locals. It runs while input and output have room for a whole round unchecked.
 */

import { INVALID_DATA } from './block-header';
import { copyMatch } from './copy-match';
import { DISTANCE_TABLE, DISTANCE_WIDTH, LITERAL_TABLE, LITERAL_WIDTH } from './decode-tables';
import { bits, source, target } from './inflate-state';
import { CODE_WIDTH_AT, INVALID, SPECIAL, SUBTABLE, VALUE_AT } from './symbols';

/** A round refills at most three times, 7 bytes each, and the last load reads 8. */
const INPUT_MARGIN: usize = 32;
/** The longest distance code with its extra bits: 15 + 13. */
const WIDEST_DISTANCE: u8 = 28;

/** Results beside INVALID_DATA. */
export const EDGE_REACHED: i32 = 0;
export const BLOCK_ENDED: i32 = 1;

export function fastLoopFits(): bool {
  return source.at + INPUT_MARGIN < source.end && target.at < target.limit;
}

function literalEntry(held: u64): u64 {
  return <u64>load<u32>((<usize>held & ((1 << LITERAL_WIDTH) - 1)) << 2, LITERAL_TABLE);
}

function distanceEntry(held: u64): u64 {
  return <u64>load<u32>((<usize>held & ((1 << DISTANCE_WIDTH) - 1)) << 2, DISTANCE_TABLE);
}

/** The entry behind a link; only the low five bits of a shift count matter, and those are the index width. */
function linkedEntry(table: usize, link: u64, held: u64): u64 {
  const index = <u32>held & ((1 << (<u32>link >> CODE_WIDTH_AT)) - 1);
  return <u64>load<u32>(table + ((<u32>(link >> VALUE_AT) + index) << 2));
}

/** Base plus extra bits; `before` is the stream at the code of the entry. */
function meant(entry: u64, before: u64): u32 {
  const extra = (before & (((<u64>1) << entry) - 1)) >> (entry >> CODE_WIDTH_AT);
  return <u32>(entry >> VALUE_AT) + <u32>extra;
}

function isLiteral(entry: u64): bool {
  return <i32>entry < 0;
}

/** Whole bytes a refill takes when `count` bits are held: up to 56 and more bits without a branch. */
function refillBytes(count: u64): usize {
  return 7 - ((<usize>count >> 3) & 7);
}

/** Keeps what is held, without the look-ahead above `count`. */
function saveState(from: usize, held: u64, count: u64, to: usize): void {
  source.at = from;
  bits.held = held & (((<u64>1) << count) - 1);
  bits.count = <u32>count & 63;
  target.at = to;
}

/**
 * Decodes symbols of the current block. Only the low byte of `count` is kept exact: whole entries are subtracted.
 * Main table literals take 10 bits each, so two of them and the longest length code leave 16 of 56 bits.
 */
export function decodeFast(): i32 {
  let from = source.at;
  let held = bits.held;
  let count: u64 = bits.count;
  let to = target.at;
  const lastFrom = source.end - INPUT_MARGIN;
  let outcome = EDGE_REACHED;
  do {
    held |= load<u64>(from) << count;
    from += refillBytes(count);
    count |= 56;
    let entry = literalEntry(held);
    let before = held;
    held >>= entry;
    count -= entry;
    if (isLiteral(entry)) {
      store<u8>(to++, <u8>(entry >> VALUE_AT));
      entry = literalEntry(held);
      before = held;
      held >>= entry;
      count -= entry;
      if (isLiteral(entry)) {
        store<u8>(to++, <u8>(entry >> VALUE_AT));
        entry = literalEntry(held);
        before = held;
        held >>= entry;
        count -= entry;
        if (isLiteral(entry)) {
          store<u8>(to++, <u8>(entry >> VALUE_AT));
          continue;
        }
      }
    }
    if (<u32>entry & SPECIAL) {
      if (<u32>entry & SUBTABLE) {
        entry = linkedEntry(LITERAL_TABLE, entry, held);
        before = held;
        held >>= entry;
        count -= entry;
        if (isLiteral(entry)) {
          store<u8>(to++, <u8>(entry >> VALUE_AT));
          continue;
        }
      }
      if (<u32>entry & SPECIAL) {
        outcome = <u32>entry & INVALID ? INVALID_DATA : BLOCK_ENDED;
        break;
      }
    }
    const length = meant(entry, before);
    entry = distanceEntry(held);
    if (<u8>count < WIDEST_DISTANCE) {
      held |= load<u64>(from) << count;
      from += refillBytes(count);
      count |= 56;
    }
    if (<u32>entry & SPECIAL) {
      held >>= entry;
      count -= entry;
      if (<u32>entry & SUBTABLE) entry = linkedEntry(DISTANCE_TABLE, entry, held);
      if (<u32>entry & SPECIAL) {
        outcome = INVALID_DATA;
        break;
      }
    }
    before = held;
    held >>= entry;
    count -= entry;
    const distance = meant(entry, before);
    if (distance > <u32>(to - target.start)) {
      outcome = INVALID_DATA;
      break;
    }
    copyMatch(to, distance, length);
    to += length;
  } while (from < lastFrom && to < target.limit);
  saveState(from, held, count, to);
  return outcome;
}
