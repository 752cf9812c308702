/**
 * The hot loop, after libdeflate's decompress_template.h: one 64-bit refill for up to four literals, entries used
 * as shift counts as they are, state in locals. It runs while input and output have room for a whole round unchecked.
 *
 * What the time goes into is the chain from one look-up to the next, and mispredicted branches between literals and
 * matches. So both entries that may come next are loaded before it is known which one does, and the entry behind a
 * match before the match is copied: what a wrong guess throws away is then little.
 */

import { INVALID_DATA } from './block-header';
import { copyMatch } from './copy-match';
import { bits, refillBytes, saveInput, source, target } from './inflate-state';
import {
  distanceEntry,
  literalEntry,
  resolvedDistance,
  resolvedLiteral,
  UNREAD,
  valueIn,
} from './look-up';
import { HELD_AT, INVALID, OPEN_LENGTH, SPECIAL, SUBTABLE, VALUE_AT } from './symbols';

/** A round refills at most twice: 7 bytes, and then a load of 8. */
const INPUT_MARGIN: usize = 16;

/** Results beside INVALID_DATA. */
export const EDGE_REACHED: i32 = 0;
export const BLOCK_ENDED: i32 = 1;

export function fastLoopFits(): bool {
  return source.at + INPUT_MARGIN < source.end && target.at < target.limit;
}

function isLiteral(entry: u64): bool {
  return <i32>entry < 0;
}

function leave(outcome: i32, from: usize, held: u64, count: u64, to: usize): i32 {
  saveInput(from, held, count);
  target.at = to;
  return outcome;
}

/**
 * Decodes symbols of the current block. Only the low six bits of `count` are kept exact: whole entries are subtracted.
 * A refill leaves 54 bits to take and 62 to look at. The most that is taken before the next one is a literal of 15
 * bits, resolved in the round before, and three of 11, all that the main table holds; a look at the entry behind them
 * ends with bit 59.
 */
export function decodeFast(): i32 {
  let from = source.at;
  let held = bits.held << HELD_AT;
  let count: u64 = bits.count + HELD_AT;
  let to = target.at;
  const lastFrom = source.end - INPUT_MARGIN;
  let outcome = EDGE_REACHED;
  let entry: u64 = UNREAD;
  for (;;) {
    // Two branches, each of which is never taken, are faster than one on both conditions.
    if (from >= lastFrom) break;
    if (to >= target.limit) break;
    held >>= entry;
    count -= entry;
    let next = literalEntry(held);
    let match = distanceEntry(held);
    if (isLiteral(entry)) {
      store<u8>(to++, <u8>(entry >> VALUE_AT));
      entry = next;
      held >>= entry;
      count -= entry;
      next = literalEntry(held);
      match = distanceEntry(held);
      if (isLiteral(entry)) {
        store<u8>(to++, <u8>(entry >> VALUE_AT));
        entry = next;
        held >>= entry;
        count -= entry;
        next = literalEntry(held);
        match = distanceEntry(held);
        if (isLiteral(entry)) {
          store<u8>(to++, <u8>(entry >> VALUE_AT));
          entry = next;
          held >>= entry;
          count -= entry;
          next = literalEntry(held);
          match = distanceEntry(held);
          if (isLiteral(entry)) {
            store<u8>(to++, <u8>(entry >> VALUE_AT));
            entry = next;
            held |= load<u64>(from) << count;
            from += refillBytes(count);
            count |= 56;
            continue;
          }
        }
      }
    }
    held |= load<u64>(from) << count;
    from += refillBytes(count);
    count |= 56;
    if (<u32>entry & SPECIAL) {
      if (<u32>entry & (SUBTABLE | OPEN_LENGTH)) {
        entry = resolvedLiteral(entry, held);
        continue;
      }
      outcome = <u32>entry & INVALID ? INVALID_DATA : BLOCK_ENDED;
      break;
    }
    const length = <u32>(entry >> VALUE_AT);
    if (<u32>match & SPECIAL) match = resolvedDistance(match, held);
    const distance = valueIn(match, held);
    held >>= match;
    count -= match;
    entry = literalEntry(held);
    held |= load<u64>(from) << count;
    from += refillBytes(count);
    count |= 56;
    if (distance > <u32>(to - target.start)) {
      outcome = INVALID_DATA;
      break;
    }
    to = copyMatch(to, distance, length);
  }
  return leave(outcome, from, held, count, to);
}
