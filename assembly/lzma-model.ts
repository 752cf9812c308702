/** The probabilities of LZMA: where each table lies, 16 bits a place (Linux lib/xz/xz_dec_lzma2.c, struct lzma_dec). */

const STATES: usize = 12;
/** The lowest bits of a position, 4 at most, choose between probabilities. */
const POSITIONS: usize = 16;
const EVEN_CHANCE: i16 = 1024;

/** The tables below, and room for a vector more. */
const MODEL: usize = memory.data(3744 + 24_576 + 16, 64);

/** By state and position. */
export const IS_MATCH: usize = MODEL;
export const IS_LONG_REPEAT: usize = IS_MATCH + 2 * STATES * POSITIONS;
/** By state. */
export const IS_REPEAT: usize = IS_LONG_REPEAT + 2 * STATES * POSITIONS;
export const IS_OLDER_1: usize = IS_REPEAT + 2 * STATES;
export const IS_OLDER_2: usize = IS_OLDER_1 + 2 * STATES;
export const IS_OLDER_3: usize = IS_OLDER_2 + 2 * STATES;
/** The highest bits of a distance, by length. */
export const DISTANCE_SLOT_WIDTH: u32 = 6;
export const DISTANCE_SLOTS: usize = IS_OLDER_3 + 2 * STATES;
/** The bits below, of short distances by what is above them, and the last four of long ones. */
export const DISTANCE_SPECIAL: usize = DISTANCE_SLOTS + 2 * 4 * 64;
export const DISTANCE_ALIGN: usize = DISTANCE_SPECIAL + 2 * 128;
/** Two choices, short and middle lengths by position, long ones. */
export const LENGTH_SHORT: usize = 4;
export const LENGTH_MIDDLE: usize = LENGTH_SHORT + 2 * 8 * POSITIONS;
export const LENGTH_LONG: usize = LENGTH_MIDDLE + 2 * 8 * POSITIONS;
const LENGTH_SIZE: usize = LENGTH_LONG + 2 * 256;
export const MATCH_LENGTHS: usize = DISTANCE_ALIGN + 2 * 16;
export const REPEAT_LENGTHS: usize = MATCH_LENGTHS + LENGTH_SIZE;
/** By the byte before and the position, 4 bits of both at most. */
export const LITERALS: usize = REPEAT_LENGTHS + LENGTH_SIZE;
export const LITERAL_SIZE: usize = 2 * 0x300;

/** Makes all chances even, of literals those that `literalBits` bits of context choose from. */
export function resetModel(literalBits: u32): void {
  const end = LITERALS + (LITERAL_SIZE << literalBits);
  const even = i16x8.splat(EVEN_CHANCE);
  for (let at = MODEL; at < end; at += 16) v128.store(at, even);
}
