/** The decode tables of the current block, and the code of the blocks that bring none. */

import { buildTable, codeOf, setEntries } from './huffman';
import {
  CODE_LENGTH_MEANINGS,
  CODE_LENGTH_SYMBOLS,
  DISTANCE_MEANINGS,
  DISTANCE_SYMBOLS,
  FIRST_OPEN_LENGTH,
  LENGTH_MASK,
  LITERAL_MEANINGS,
  LITERAL_SYMBOLS,
  LONGEST_LENGTH,
  lengthExtra,
  VALUE_AT,
} from './symbols';

/** Main table widths, chosen by measurement: one bit more costs cache, one less costs second look-ups. */
export const LITERAL_WIDTH: u32 = 11;
export const DISTANCE_WIDTH: u32 = 8;
export const CODE_LENGTH_WIDTH: u32 = 7;

/**
 * At address zero, which asconfig.json keeps free (memoryBase): each look-up waits for the one before it, and a load
 * without a constant to add takes a cycle less on an AMD Zen 4; by measurement four percent of all the time.
 */
export const LITERAL_TABLE: usize = 0;
/** The bound in huffman.ts: 2048 + 288 * 16 / 5, 256 + 32 * 128 / 8 and 128 entries. */
const LITERAL_TABLE_SIZE: usize = (2048 + 922) * 4;
export const DISTANCE_TABLE: usize = memory.data((256 + 512) * 4, 64);
export const CODE_LENGTH_TABLE: usize = memory.data(128 * 4, 64);

if (<usize>ASC_MEMORY_BASE < LITERAL_TABLE_SIZE)
  ERROR('memoryBase leaves no room for the literal table');

/**
 * Code widths as a block header brings them: literals and lengths, then distances, in one run (RFC 1951 3.2.7).
 * There may be 316 of them, or 320 in the fixed codes, and they are stored sixteen at a time.
 */
export const WIDTHS: usize = memory.data(320 + 16, 16);

export function buildCodeLengths(): bool {
  return buildTable(
    CODE_LENGTH_TABLE,
    CODE_LENGTH_WIDTH,
    WIDTHS,
    CODE_LENGTH_SYMBOLS,
    CODE_LENGTH_MEANINGS,
    false,
  );
}

/** Lengths whose extra bits fit the index of the main table stand there whole: all but one in a hundred. */
function closeLengths(literals: u32): void {
  const end: u32 = 1 << LITERAL_WIDTH;
  for (let symbol = FIRST_OPEN_LENGTH; symbol < min(literals, LONGEST_LENGTH); symbol++) {
    const width = <u32>load<u8>(WIDTHS + symbol);
    const whole = width + lengthExtra(symbol);
    if (width === 0 || whole > LITERAL_WIDTH) continue;
    let entry = (load<u32>(LITERAL_MEANINGS + (symbol << 2)) & (LENGTH_MASK << VALUE_AT)) + whole;
    for (let index = codeOf(symbol); index < (<u32>1) << whole; index += 1 << width) {
      setEntries(LITERAL_TABLE, index, 1 << whole, end, entry);
      entry += 1 << VALUE_AT;
    }
  }
}

/** Builds both tables from {@link WIDTHS}; false if either code is invalid. */
export function buildBlock(literals: u32, distances: u32): bool {
  if (!buildTable(LITERAL_TABLE, LITERAL_WIDTH, WIDTHS, literals, LITERAL_MEANINGS, true)) {
    return false;
  }
  closeLengths(literals);
  return buildTable(
    DISTANCE_TABLE,
    DISTANCE_WIDTH,
    WIDTHS + literals,
    distances,
    DISTANCE_MEANINGS,
    true,
  );
}

/** RFC 1951 section 3.2.6. */
export function buildFixedBlock(): void {
  memory.fill(WIDTHS, 8, 144);
  memory.fill(WIDTHS + 144, 9, 112);
  memory.fill(WIDTHS + 256, 7, 24);
  memory.fill(WIDTHS + 280, 8, 8);
  memory.fill(WIDTHS + LITERAL_SYMBOLS, 5, DISTANCE_SYMBOLS);
  buildBlock(LITERAL_SYMBOLS, DISTANCE_SYMBOLS);
}
