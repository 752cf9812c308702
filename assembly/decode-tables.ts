/** The decode tables of the current block, and the code of the blocks that bring none. */

import { buildTable } from './huffman';
import {
  CODE_LENGTH_MEANINGS,
  CODE_LENGTH_SYMBOLS,
  DISTANCE_MEANINGS,
  DISTANCE_SYMBOLS,
  LITERAL_MEANINGS,
  LITERAL_SYMBOLS,
} from './symbols';

/** Main table widths, chosen by measurement: one bit more costs cache, one less costs second look-ups. */
export const LITERAL_WIDTH: u32 = 10;
export const DISTANCE_WIDTH: u32 = 8;
export const CODE_LENGTH_WIDTH: u32 = 7;

/** 1024 + 288 * 32 / 6 and 256 + 32 * 128 / 8 entries: the bound in huffman.ts. */
export const LITERAL_TABLE: usize = memory.data((1024 + 1536) * 4, 64);
export const DISTANCE_TABLE: usize = memory.data((256 + 512) * 4, 64);
export const CODE_LENGTH_TABLE: usize = memory.data(128 * 4, 64);

/** Code widths as a block header brings them: literals and lengths, then distances, in one run (RFC 1951 3.2.7). */
export const WIDTHS: usize = memory.data(320, 16);

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

/** Builds both tables from {@link WIDTHS}; false if either code is invalid. */
export function buildBlock(literals: u32, distances: u32): bool {
  return (
    buildTable(LITERAL_TABLE, LITERAL_WIDTH, WIDTHS, literals, LITERAL_MEANINGS, true) &&
    buildTable(
      DISTANCE_TABLE,
      DISTANCE_WIDTH,
      WIDTHS + literals,
      distances,
      DISTANCE_MEANINGS,
      true,
    )
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
