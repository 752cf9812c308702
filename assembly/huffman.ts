/**
 * Decode tables for canonical Huffman codes (RFC 1951 section 3.2.2). A code is looked up by its first bits in the
 * main table, and longer codes in a subtable that the main entry points to.
 */

import { CODE_WIDTH_AT, INVALID, SPECIAL, SUBTABLE, VALUE_AT } from './symbols';

const LONGEST_CODE: u32 = 15;
/** By width, 0 to 15: how many symbols have it, the next code of that width, the next place among the sorted. */
const COUNTS: usize = memory.data(16 * 4, 16);
const NEXT_CODES: usize = memory.data(16 * 4, 16);
const NEXT_PLACES: usize = memory.data(16 * 4, 16);
/** Symbols by width, those without a code first: a run of one width keeps branches predictable. */
const SORTED: usize = memory.data(288 * 2, 16);
/** Index width of the subtable behind each main entry. */
const SUBTABLE_WIDTHS: usize = memory.data(1024, 16);

/** Returns what a counter held and adds one. */
function increment(counters: usize, index: u32): u32 {
  const counter = counters + (index << 2);
  const value = load<u32>(counter);
  store<u32>(counter, value + 1);
  return value;
}

function countWidths(widths: usize, symbols: u32): void {
  memory.fill(COUNTS, 0, 64);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    increment(COUNTS, <u32>load<u8>(widths + symbol));
  }
}

/** Sets the first code and place of each width; returns the words left over, negative for an over-subscribed code. */
function startWidths(): i32 {
  let left: i32 = 1;
  let code: u32 = 0;
  let place = load<u32>(COUNTS);
  store<u32>(NEXT_PLACES, 0);
  for (let width: u32 = 1; width <= LONGEST_CODE; width++) {
    const count = load<u32>(COUNTS + (width << 2));
    store<u32>(NEXT_CODES + (width << 2), code);
    store<u32>(NEXT_PLACES + (width << 2), place);
    code = (code + count) << 1;
    place += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return left;
  }
  return left;
}

function sortSymbols(widths: usize, symbols: u32): void {
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const place = increment(NEXT_PLACES, <u32>load<u8>(widths + symbol));
    store<u16>(SORTED + (place << 1), <u16>symbol);
  }
}

function sortedSymbol(place: u32): u32 {
  return <u32>load<u16>(SORTED + (place << 1));
}

/** The next code of a width, first bit lowest, as the stream has it. */
function nextCode(width: u32): u32 {
  const code = increment(NEXT_CODES, width);
  let word = ((code >> 1) & 0x5555) | ((code & 0x5555) << 1);
  word = ((word >> 2) & 0x3333) | ((word & 0x3333) << 2);
  word = ((word >> 4) & 0x0f0f) | ((word & 0x0f0f) << 4);
  return (((word >> 8) & 0xff) | ((word & 0xff) << 8)) >> (16 - width);
}

function fill(table: usize, from: u32, step: u32, end: u32, entry: u32): void {
  for (let index = from; index < end; index += step) store<u32>(table + (index << 2), entry);
}

/** The entry of a symbol of which `width` bits are still to be taken. */
function entryOf(meanings: usize, symbol: u32, width: u32): u32 {
  return load<u32>(meanings + (symbol << 2)) + width + (width << CODE_WIDTH_AT);
}

/** Places codes that fit the main table; returns the place of the first that does not. */
function placeShort(table: usize, mainWidth: u32, meanings: usize): u32 {
  let place = load<u32>(COUNTS);
  for (let width: u32 = 1; width <= mainWidth; width++) {
    const end = place + load<u32>(COUNTS + (width << 2));
    for (; place < end; place++) {
      const entry = entryOf(meanings, sortedSymbol(place), width);
      fill(table, nextCode(width), 1 << width, 1 << mainWidth, entry);
    }
  }
  return place;
}

/** Notes the longest code behind each main entry, by rising width, so that the last one stands; unlinks the entry. */
function measureSubtables(table: usize, mainWidth: u32): void {
  for (let width = mainWidth + 1; width <= LONGEST_CODE; width++) {
    const first = load<u32>(NEXT_CODES + (width << 2));
    for (let left = load<u32>(COUNTS + (width << 2)); left > 0; left--) {
      const prefix = nextCode(width) & ((1 << mainWidth) - 1);
      store<u8>(SUBTABLE_WIDTHS + prefix, <u8>(width - mainWidth));
      store<u32>(table + (prefix << 2), 0);
    }
    store<u32>(NEXT_CODES + (width << 2), first);
  }
}

/** The link to the subtable behind a prefix: the one there is, or a new one at `free`. */
function subtableLink(table: usize, mainWidth: u32, prefix: u32, free: u32): u32 {
  const there = load<u32>(table + (prefix << 2));
  if (there !== 0) return there;
  const indexWidth = <u32>load<u8>(SUBTABLE_WIDTHS + prefix);
  const link = (free << VALUE_AT) | SPECIAL | SUBTABLE | (indexWidth << CODE_WIDTH_AT) | mainWidth;
  store<u32>(table + (prefix << 2), link);
  return link;
}

/**
 * Subtables follow the main table. One of index width w holds at least w + 1 codes, so `symbols` codes take at most
 * symbols * 2^w / (w + 1) entries, which is what the callers reserve.
 */
function placeLong(table: usize, mainWidth: u32, first: u32, meanings: usize): void {
  let place = first;
  let free: u32 = 1 << mainWidth;
  for (let width = mainWidth + 1; width <= LONGEST_CODE; width++) {
    for (let left = load<u32>(COUNTS + (width << 2)); left > 0; left--) {
      const code = nextCode(width);
      const link = subtableLink(table, mainWidth, code & ((1 << mainWidth) - 1), free);
      const start = link >> VALUE_AT;
      const end = start + (1 << ((link >> CODE_WIDTH_AT) & 15));
      if (end > free) free = end;
      const entry = entryOf(meanings, sortedSymbol(place++), width - mainWidth);
      fill(table, start + (code >> mainWidth), 1 << (width - mainWidth), end, entry);
    }
  }
}

/** The only incomplete codes that zlib lets pass (inftrees.c): a single word of one bit, or none at all. */
function isTiny(symbols: u32): bool {
  return load<u32>(COUNTS) + load<u32>(COUNTS + 4) === symbols;
}

/**
 * Builds the table for the code whose word for symbol i is `widths[i]` bits long, 0 for none. False where zlib
 * refuses too: over-subscribed codes, and incomplete ones but for tiny ones if `mayBeTiny`.
 */
export function buildTable(
  table: usize,
  mainWidth: u32,
  widths: usize,
  symbols: u32,
  meanings: usize,
  mayBeTiny: bool,
): bool {
  countWidths(widths, symbols);
  const left = startWidths();
  if (left < 0) return false;
  if (left > 0) {
    if (!mayBeTiny || !isTiny(symbols)) return false;
    fill(table, 0, 1, 1 << mainWidth, SPECIAL | INVALID | 1);
  }
  sortSymbols(widths, symbols);
  const firstLong = placeShort(table, mainWidth, meanings);
  if (firstLong < symbols) {
    measureSubtables(table, mainWidth);
    placeLong(table, mainWidth, firstLong, meanings);
  }
  return true;
}
