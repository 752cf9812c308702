/**
 * What each symbol of the three DEFLATE alphabets stands for (RFC 1951 section 3.2.5), as decode table entries that
 * lack only the width of their code.
 *
 * Entry: bits 0-5 all bits it takes from the stream | 8-12 bits of its code, or of a subtable's index |
 * 13 invalid | 14 subtable | 15 not a length, distance or literal | 16-30 value or base | 31 literal.
 * The two lowest fields stand where a shift count and a byte subtraction find them without a mask.
 */

export const LITERAL: u32 = 1 << 31;
export const SPECIAL: u32 = 1 << 15;
export const SUBTABLE: u32 = 1 << 14;
export const INVALID: u32 = 1 << 13;
export const CODE_WIDTH_AT: u32 = 8;
export const VALUE_AT: u32 = 16;

/** RFC 1951 3.2.6: the fixed codes have 288 and 32 words, though 286, 287, 30 and 31 never occur in valid data. */
export const LITERAL_SYMBOLS: u32 = 288;
export const DISTANCE_SYMBOLS: u32 = 32;
export const CODE_LENGTH_SYMBOLS: u32 = 19;
export const END_OF_BLOCK: u32 = 256;

export const LITERAL_MEANINGS: usize = memory.data(288 * 4, 16);
export const DISTANCE_MEANINGS: usize = memory.data(32 * 4, 16);
export const CODE_LENGTH_MEANINGS: usize = memory.data(19 * 4, 16);

function setMeaning(meanings: usize, symbol: u32, entry: u32): void {
  store<u32>(meanings + (symbol << 2), entry);
}

function fillLiterals(): void {
  for (let byte: u32 = 0; byte < END_OF_BLOCK; byte++) {
    setMeaning(LITERAL_MEANINGS, byte, LITERAL | (byte << VALUE_AT));
  }
  setMeaning(LITERAL_MEANINGS, END_OF_BLOCK, SPECIAL);
  let length: u32 = 3;
  for (let index: u32 = 0; index < 28; index++) {
    const extra: u32 = index < 8 ? 0 : (index >> 2) - 1;
    setMeaning(LITERAL_MEANINGS, 257 + index, (length << VALUE_AT) | extra);
    length += 1 << extra;
  }
  setMeaning(LITERAL_MEANINGS, 285, 258 << VALUE_AT);
  setMeaning(LITERAL_MEANINGS, 286, SPECIAL | INVALID);
  setMeaning(LITERAL_MEANINGS, 287, SPECIAL | INVALID);
}

function fillDistances(): void {
  let distance: u32 = 1;
  for (let symbol: u32 = 0; symbol < 30; symbol++) {
    const extra: u32 = symbol < 4 ? 0 : (symbol >> 1) - 1;
    setMeaning(DISTANCE_MEANINGS, symbol, (distance << VALUE_AT) | extra);
    distance += 1 << extra;
  }
  setMeaning(DISTANCE_MEANINGS, 30, SPECIAL | INVALID);
  setMeaning(DISTANCE_MEANINGS, 31, SPECIAL | INVALID);
}

function fillCodeLengths(): void {
  for (let symbol: u32 = 0; symbol < CODE_LENGTH_SYMBOLS; symbol++) {
    setMeaning(CODE_LENGTH_MEANINGS, symbol, symbol << VALUE_AT);
  }
}

fillLiterals();
fillDistances();
fillCodeLengths();
