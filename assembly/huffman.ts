/**
 * Decode tables for canonical Huffman codes (RFC 1951 section 3.2.2). A code is looked up by its first bits in the
 * main table, and longer codes in a subtable that the main entry points to.
 */

import { CODE_WIDTH_AT, INVALID, SPECIAL, SUBTABLE, VALUE_AT } from './symbols';

const LONGEST_CODE: u32 = 15;
const CODES_OF_WIDTH: usize = memory.data(16 * 4, 16);
const NEXT_CODE: usize = memory.data(16 * 4, 16);
/** Each symbol's code, first bit lowest, as the stream has it. */
const CODES: usize = memory.data(288 * 2, 16);
/** Index width of the subtable behind each main entry. */
const SUBTABLE_WIDTHS: usize = memory.data(1024, 16);

function countWidths(widths: usize, symbols: u32): void {
  memory.fill(CODES_OF_WIDTH, 0, 64);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const counter = CODES_OF_WIDTH + ((<u32>load<u8>(widths + symbol)) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** Sets the first code of each width; returns the words left over at the longest width, negative if too many. */
function startCodes(): i32 {
  let left: i32 = 1;
  let code: u32 = 0;
  for (let width: u32 = 1; width <= LONGEST_CODE; width++) {
    const count = load<u32>(CODES_OF_WIDTH + (width << 2));
    store<u32>(NEXT_CODE + (width << 2), code);
    code = (code + count) << 1;
    left = (left << 1) - <i32>count;
    if (left < 0) return left;
  }
  return left;
}

function reversed(code: u32, width: u32): u32 {
  let word = ((code >> 1) & 0x5555) | ((code & 0x5555) << 1);
  word = ((word >> 2) & 0x3333) | ((word & 0x3333) << 2);
  word = ((word >> 4) & 0x0f0f) | ((word & 0x0f0f) << 4);
  return (((word >> 8) & 0xff) | ((word & 0xff) << 8)) >> (16 - width);
}

/** Gives each symbol its code and notes how wide each subtable must be; returns the longest width. */
function assignCodes(widths: usize, symbols: u32, mainWidth: u32): u32 {
  let longest: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const width = <u32>load<u8>(widths + symbol);
    if (width === 0) continue;
    const next = NEXT_CODE + (width << 2);
    const code = reversed(load<u32>(next), width);
    store<u32>(next, load<u32>(next) + 1);
    store<u16>(CODES + (symbol << 1), <u16>code);
    if (width > longest) longest = width;
    if (width <= mainWidth) continue;
    const behind = SUBTABLE_WIDTHS + (code & ((1 << mainWidth) - 1));
    if (width - mainWidth > <u32>load<u8>(behind)) store<u8>(behind, <u8>(width - mainWidth));
  }
  return longest;
}

function fill(table: usize, from: u32, step: u32, end: u32, entry: u32): void {
  for (let index = from; index < end; index += step) store<u32>(table + (index << 2), entry);
}

function placeShort(
  table: usize,
  mainWidth: u32,
  widths: usize,
  symbols: u32,
  meanings: usize,
): void {
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const width = <u32>load<u8>(widths + symbol);
    if (width === 0 || width > mainWidth) continue;
    const entry = load<u32>(meanings + (symbol << 2)) + width + (width << CODE_WIDTH_AT);
    fill(table, <u32>load<u16>(CODES + (symbol << 1)), 1 << width, 1 << mainWidth, entry);
  }
}

/**
 * Subtables follow the main table. One of index width w holds at least w + 1 codes, so `symbols` codes take at most
 * symbols * 2^w / (w + 1) entries, which is what the callers reserve.
 */
function placeLong(
  table: usize,
  mainWidth: u32,
  widths: usize,
  symbols: u32,
  meanings: usize,
): void {
  let free: u32 = 1 << mainWidth;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    if (<u32>load<u8>(widths + symbol) <= mainWidth) continue;
    const width = <u32>load<u8>(widths + symbol) - mainWidth;
    const code = <u32>load<u16>(CODES + (symbol << 1));
    const prefix = code & ((1 << mainWidth) - 1);
    const link = table + (prefix << 2);
    const indexWidth = <u32>load<u8>(SUBTABLE_WIDTHS + prefix);
    if (load<u32>(link) === 0) {
      store<u32>(
        link,
        (free << VALUE_AT) | SPECIAL | SUBTABLE | (indexWidth << CODE_WIDTH_AT) | mainWidth,
      );
      free += 1 << indexWidth;
    }
    const start = load<u32>(link) >> VALUE_AT;
    const entry = load<u32>(meanings + (symbol << 2)) + width + (width << CODE_WIDTH_AT);
    fill(table, start + (code >> mainWidth), 1 << width, start + (1 << indexWidth), entry);
  }
}

/**
 * Builds the table for the code whose word for symbol i is `widths[i]` bits long, 0 for none. False where zlib
 * refuses too (inftrees.c): over-subscribed codes, and incomplete ones but for a single word of one bit or none at all,
 * which only `mayBeIncomplete` lets pass.
 */
export function buildTable(
  table: usize,
  mainWidth: u32,
  widths: usize,
  symbols: u32,
  meanings: usize,
  mayBeIncomplete: bool,
): bool {
  countWidths(widths, symbols);
  const left = startCodes();
  if (left < 0) return false;
  memory.fill(SUBTABLE_WIDTHS, 0, 1 << mainWidth);
  const longest = assignCodes(widths, symbols, mainWidth);
  if (left > 0) {
    if (!mayBeIncomplete || longest > 1) return false;
    fill(table, 0, 1, 1 << mainWidth, SPECIAL | INVALID | 1);
  } else if (longest > mainWidth) {
    memory.fill(table, 0, 4 << mainWidth);
  }
  placeShort(table, mainWidth, widths, symbols, meanings);
  if (longest > mainWidth) placeLong(table, mainWidth, widths, symbols, meanings);
  return true;
}
