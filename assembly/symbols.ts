/**
 * What each symbol of the three DEFLATE alphabets stands for (RFC 1951 section 3.2.5), as decode table entries that
 * lack only the width of their code.
 *
 * Entry: bits 0-5 all bits it takes from the stream | 6 length whose extra bits are still to be read | 7 invalid |
 * 8-13 bits of its code and HELD_AT more, or of a subtable's index | 14-28 value or base | 29 subtable |
 * 30 neither literal, length nor distance | 31 literal.
 * The two fields of bits stand where a shift count finds them without a mask. An entry that needs a second look
 * (bit 6 or 29) takes no bits, so that nothing is lost where the input ends before that.
 */

export const LITERAL: u32 = 1 << 31;
export const SPECIAL: u32 = 1 << 30;
export const SUBTABLE: u32 = 1 << 29;
export const INVALID: u32 = 1 << 7;
export const OPEN_LENGTH: u32 = 1 << 6;
export const CODE_WIDTH_AT: u32 = 8;
export const VALUE_AT: u32 = 14;
export const VALUE_MASK: u32 = (1 << 15) - 1;

/** Who looks symbols up holds the stream this many bits up: an index into a table of words is then only a mask away. */
export const HELD_AT: u32 = 2;

/** Value of a length whose extra bits are still to be read: the base, then how many they are. */
export const LENGTH_MASK: u32 = (1 << 9) - 1;
export const EXTRA_AT: u32 = 9;

/** Value of a code length symbol: how often, then the width; SPECIAL means the width before. */
export const TIMES_MASK: u32 = (1 << 8) - 1;
export const WIDTH_AT: u32 = 8;

/** RFC 1951 3.2.6: the fixed codes have 288 and 32 words, though 286, 287, 30 and 31 never occur in valid data. */
export const LITERAL_SYMBOLS: u32 = 288;
export const DISTANCE_SYMBOLS: u32 = 32;
export const CODE_LENGTH_SYMBOLS: u32 = 19;
export const END_OF_BLOCK: u32 = 256;
/** The lengths with extra bits. */
export const FIRST_OPEN_LENGTH: u32 = 265;
export const LONGEST_LENGTH: u32 = 285;

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
  for (let symbol: u32 = 257; symbol < LONGEST_LENGTH; symbol++) {
    const extra = lengthExtra(symbol);
    const value = (length | (extra << EXTRA_AT)) << VALUE_AT;
    setMeaning(LITERAL_MEANINGS, symbol, extra > 0 ? value | SPECIAL | OPEN_LENGTH : value);
    length += 1 << extra;
  }
  setMeaning(LITERAL_MEANINGS, LONGEST_LENGTH, 258 << VALUE_AT);
  setMeaning(LITERAL_MEANINGS, 286, SPECIAL | INVALID);
  setMeaning(LITERAL_MEANINGS, 287, SPECIAL | INVALID);
}

/** Extra bits of a length below the longest. */
export function lengthExtra(symbol: u32): u32 {
  return symbol < FIRST_OPEN_LENGTH ? 0 : ((symbol - 257) >> 2) - 1;
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

/** RFC 1951 section 3.2.7. */
function fillCodeLengths(): void {
  for (let width: u32 = 0; width < 16; width++) {
    setMeaning(CODE_LENGTH_MEANINGS, width, ((width << WIDTH_AT) | 1) << VALUE_AT);
  }
  setMeaning(CODE_LENGTH_MEANINGS, 16, SPECIAL | (3 << VALUE_AT) | 2);
  setMeaning(CODE_LENGTH_MEANINGS, 17, (3 << VALUE_AT) | 3);
  setMeaning(CODE_LENGTH_MEANINGS, 18, (11 << VALUE_AT) | 7);
}

fillLiterals();
fillDistances();
fillCodeLengths();
