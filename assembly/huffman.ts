/**
 * Decode tables for canonical Huffman codes (RFC 1951 section 3.2.2). A code is looked up by its first bits in the
 * main table, and longer codes in a subtable that the main entry points to. The main table is built as libdeflate does
 * (deflate_decompress.c, build_decode_table): code by code in order of width, and doubled for each bit of width.
 */

import {
  CODE_WIDTH_AT,
  HELD_AT,
  INVALID,
  OPEN_LENGTH,
  SPECIAL,
  SUBTABLE,
  VALUE_AT,
} from './symbols';

const LONGEST_CODE: u32 = 15;
/** By width, 0 to 15: how many symbols have it, and the next place among the sorted. */
const COUNTS: usize = memory.data(16 * 4, 16);
const NEXT_PLACES: usize = memory.data(16 * 4, 16);
/** Symbols by width, those without a code first. */
const SORTED: usize = memory.data(288 * 2, 16);
/** By symbol: its code, first bit lowest, if it fits the main table. */
const CODES: usize = memory.data(288 * 2, 16);

function countOf(width: u32): u32 {
  return load<u32>(COUNTS + (width << 2));
}

function sortedSymbol(place: u32): u32 {
  return <u32>load<u16>(SORTED + (place << 1));
}

/** The code that the table built last has for a symbol; of no meaning for one that has none or a longer one. */
export function codeOf(symbol: u32): u32 {
  return <u32>load<u16>(CODES + (symbol << 1));
}

function countWidths(widths: usize, symbols: u32): void {
  for (let width: usize = 0; width < 16; width += 4) {
    v128.store(COUNTS + (width << 2), i32x4.splat(0));
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const counter = COUNTS + ((<u32>load<u8>(widths + symbol)) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** Sets the first place of each width; returns the words left over, negative for an over-subscribed code. */
function startWidths(): i32 {
  let left: i32 = 1;
  let place = countOf(0);
  store<u32>(NEXT_PLACES, 0);
  for (let width: u32 = 1; width <= LONGEST_CODE; width++) {
    const count = countOf(width);
    store<u32>(NEXT_PLACES + (width << 2), place);
    place += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return left;
  }
  return left;
}

function sortSymbols(widths: usize, symbols: u32): void {
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const next = NEXT_PLACES + ((<u32>load<u8>(widths + symbol)) << 2);
    const place = load<u32>(next);
    store<u32>(next, place + 1);
    store<u16>(SORTED + (place << 1), <u16>symbol);
  }
}

/** The code of `width` bits behind one that is not all ones: plus one, read from the last bit to the first. */
function codeAfter(code: u32, width: u32): u32 {
  const ones = ((<u32>1) << width) - 1;
  const bit = <u32>(1 << 31) >> clz(code ^ ones);
  return (code & (bit - 1)) | bit;
}

function isLastCode(code: u32, width: u32): bool {
  return code === ((<u32>1) << width) - 1;
}

/** The entry of a symbol of which `width` bits are still to be taken. */
function entryOf(meanings: usize, symbol: u32, width: u32): u32 {
  const meaning = load<u32>(meanings + (symbol << 2));
  if (meaning & OPEN_LENGTH) return meaning + (width << CODE_WIDTH_AT);
  return meaning + width + ((width + HELD_AT) << CODE_WIDTH_AT);
}

function setEntry(table: usize, index: u32, entry: u32): void {
  store<u32>(table + (index << 2), entry);
}

/** Sets every `step`th entry. */
export function setEntries(table: usize, from: u32, step: u32, end: u32, entry: u32): void {
  for (let index = from; index < end; index += step) setEntry(table, index, entry);
}

/** Repeats `entries` entries, a power of two, behind themselves. */
function doubleTable(table: usize, entries: u32): void {
  const size = entries << 2;
  if (entries < 4) {
    store<u64>(table + size, load<u64>(table));
    return;
  }
  const end = table + size;
  for (let from = table; from < end; from += 16) v128.store(from + size, v128.load(from));
}

/** Where {@link placeShort} has stopped: the next code, and the place of its symbol. */
let nextCode: u32 = 0;
let nextPlace: u32 = 0;

/** Places the codes that fit the main table; false where longer ones follow. */
function placeShort(table: usize, mainWidth: u32, meanings: usize): bool {
  let code: u32 = 0;
  let place = countOf(0);
  for (let width: u32 = 1; width <= mainWidth; width++) {
    doubleTable(table, 1 << (width - 1));
    for (let left = countOf(width); left > 0; left--) {
      const symbol = sortedSymbol(place++);
      store<u16>(CODES + (symbol << 1), <u16>code);
      setEntry(table, code, entryOf(meanings, symbol, width));
      if (isLastCode(code, width)) {
        for (; width < mainWidth; width++) doubleTable(table, 1 << width);
        return true;
      }
      code = codeAfter(code, width);
    }
  }
  nextCode = code;
  nextPlace = place;
  return false;
}

/** Index width of a subtable that begins with the first of `left` codes of `width` bits: until they fill it. */
function subtableWidth(mainWidth: u32, width: u32, left: u32): u32 {
  let indexWidth = width - mainWidth;
  let used = left;
  while (used < (<u32>1) << indexWidth) {
    indexWidth++;
    used = (used << 1) + countOf(mainWidth + indexWidth);
  }
  return indexWidth;
}

/**
 * Places the codes behind those of {@link placeShort}. Subtables follow the main table. One of index width w holds at
 * least w + 1 codes, so `symbols` codes take at most symbols * 2^w / (w + 1) entries, which is what the callers reserve.
 */
function placeLong(table: usize, mainWidth: u32, meanings: usize): void {
  let code = nextCode;
  let width = mainWidth;
  let left: u32 = 0;
  let prefix: u32 = u32.MAX_VALUE;
  let start: u32 = 0;
  let end: u32 = 1 << mainWidth;
  for (let place = nextPlace; ; place++) {
    while (left === 0) left = countOf(++width);
    const first = code & ((1 << mainWidth) - 1);
    if (first !== prefix) {
      prefix = first;
      start = end;
      const indexWidth = subtableWidth(mainWidth, width, left);
      end = start + (1 << indexWidth);
      const link = (start << VALUE_AT) | (indexWidth << CODE_WIDTH_AT);
      setEntry(table, prefix, link | SPECIAL | SUBTABLE);
    }
    const entry = entryOf(meanings, sortedSymbol(place), width - mainWidth);
    setEntries(table, start + (code >> mainWidth), 1 << (width - mainWidth), end, entry);
    if (isLastCode(code, width)) return;
    code = codeAfter(code, width);
    left--;
  }
}

/**
 * The only incomplete codes that zlib lets pass (inftrees.c): a single word of one bit, or none at all. What is no
 * word is invalid and takes a bit.
 */
function buildTiny(table: usize, mainWidth: u32, symbols: u32, meanings: usize): bool {
  if (countOf(0) + countOf(1) !== symbols) return false;
  setEntries(table, 0, 1, 1 << mainWidth, SPECIAL | INVALID | 1);
  if (countOf(1) === 0) return true;
  const symbol = sortedSymbol(countOf(0));
  store<u16>(CODES + (symbol << 1), 0);
  setEntries(table, 0, 2, 1 << mainWidth, entryOf(meanings, symbol, 1));
  return true;
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
  sortSymbols(widths, symbols);
  if (left > 0) return mayBeTiny && buildTiny(table, mainWidth, symbols, meanings);
  if (!placeShort(table, mainWidth, meanings)) placeLong(table, mainWidth, meanings);
  return true;
}
