/**
 * The loop for the edges of the input: one symbol at a time, used up only when all of its bits are held, so that the
 * input may end anywhere.
 */

import { INVALID_DATA, NEED_INPUT, OUTPUT_FULL, STEP_DONE } from './block-header';
import { DISTANCE_TABLE, DISTANCE_WIDTH, LITERAL_TABLE, LITERAL_WIDTH } from './decode-tables';
import { bits, hold, target } from './inflate-state';
import { CODE_WIDTH_AT, INVALID, LITERAL, SPECIAL, SUBTABLE, VALUE_AT } from './symbols';

/** RFC 1951: 15 + 5 bits of a length, 15 + 13 of a distance. */
const WIDEST_SYMBOL: u32 = 48;

/** Beside the outcomes of block-header.ts: the block goes on. */
const CAREFUL_CONTINUES: i32 = 4;

/** The symbol being read: bits looked at so far, none of them used up yet. */
let seen: u32 = 0;
let entry: u32 = 0;

function look(width: u32): u32 {
  return <u32>(bits.held >> seen) & ((1 << width) - 1);
}

/** Reads one code and its extra bits into `entry` and `seen`; returns base plus extra. */
function readSymbol(table: usize, mainWidth: u32): u32 {
  entry = load<u32>(table + (look(mainWidth) << 2));
  if ((entry & (LITERAL | SPECIAL | SUBTABLE)) === (SPECIAL | SUBTABLE)) {
    const link = entry;
    seen += mainWidth;
    const index = look((link >> CODE_WIDTH_AT) & 31);
    entry = load<u32>(table + (((link >> VALUE_AT) + index) << 2));
  }
  const width = entry & 63;
  const codeWidth = (entry >> CODE_WIDTH_AT) & 15;
  const extra = look(width) >> codeWidth;
  seen += width;
  return ((entry & ~LITERAL) >> VALUE_AT) + extra;
}

function useSeen(): void {
  bits.held >>= seen;
  bits.count -= seen;
}

function copyBytes(distance: u32, length: u32): void {
  let from = target.at - distance;
  for (let left = length; left > 0; left--) store<u8>(target.at++, load<u8>(from++));
}

/** Decodes one symbol; CAREFUL_CONTINUES when there may be more. */
function decodeOne(): i32 {
  hold(WIDEST_SYMBOL);
  seen = 0;
  const value = readSymbol(LITERAL_TABLE, LITERAL_WIDTH);
  if (seen > bits.count) return NEED_INPUT;
  if (entry & LITERAL) {
    store<u8>(target.at++, <u8>value);
    useSeen();
    return CAREFUL_CONTINUES;
  }
  if (entry & SPECIAL) {
    if (entry & INVALID) return INVALID_DATA;
    useSeen();
    return STEP_DONE;
  }
  const distance = readSymbol(DISTANCE_TABLE, DISTANCE_WIDTH);
  if (seen > bits.count) return NEED_INPUT;
  if (entry & SPECIAL || distance > <u32>(target.at - target.start)) return INVALID_DATA;
  copyBytes(distance, value);
  useSeen();
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
