/**
 * Headers of DEFLATE blocks (RFC 1951 section 3.2.3), read in steps of at most 32 bits, so that the input may end
 * anywhere in between.
 */

import { readRuns } from './code-widths';
import { buildBlock, buildCodeLengths, buildFixedBlock, WIDTHS } from './decode-tables';
import { bits, hold, take } from './inflate-state';
import { CODE_LENGTH_SYMBOLS, END_OF_BLOCK } from './symbols';

/** Outcomes of a step; the first three are also what the host sees. */
export const INVALID_DATA: i32 = -1;
export const NEED_INPUT: i32 = 0;
export const OUTPUT_FULL: i32 = 1;
export const STREAM_ENDED: i32 = 2;
export const STEP_DONE: i32 = 3;

export const MODE_BLOCK: u32 = 0;
export const MODE_STORED_LENGTH: u32 = 1;
export const MODE_STORED: u32 = 2;
export const MODE_TABLE_SIZES: u32 = 3;
export const MODE_CODE_LENGTHS: u32 = 4;
export const MODE_WIDTHS: u32 = 5;
export const MODE_SYMBOLS: u32 = 6;
export const MODE_ENDED: u32 = 7;

// biome-ignore-start lint/style/useConst: inflate.ts assigns these too.
export namespace block {
  export let mode: u32 = MODE_BLOCK;
  export let isLast: bool = false;
  /** Bytes of a stored block still to be copied. */
  export let stored: u32 = 0;
}
// biome-ignore-end lint/style/useConst: inflate.ts assigns these too.

let literals: u32 = 0;
let distances: u32 = 0;
let codeLengths: u32 = 0;
/** Widths read so far, of whichever of the two lists is being read. */
let filled: u32 = 0;

/** RFC 1951 section 3.2.7: the order in which the widths of the code length code come. */
const CODE_LENGTH_ORDER: usize = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);

/** zlib refuses more (inflate.c): the symbols above have no meaning. */
const MOST_LITERALS: u32 = 286;
const MOST_DISTANCES: u32 = 30;

export function readBlockStart(): i32 {
  if (!hold(3)) return NEED_INPUT;
  block.isLast = take(1) !== 0;
  const type = take(2);
  if (type === 3) return INVALID_DATA;
  if (type === 0) {
    take(bits.count & 7);
    block.mode = MODE_STORED_LENGTH;
  } else if (type === 1) {
    buildFixedBlock();
    block.mode = MODE_SYMBOLS;
  } else {
    block.mode = MODE_TABLE_SIZES;
  }
  return STEP_DONE;
}

export function readStoredLength(): i32 {
  if (!hold(32)) return NEED_INPUT;
  const length = take(16);
  if (take(16) !== (length ^ 0xffff)) return INVALID_DATA;
  block.stored = length;
  block.mode = MODE_STORED;
  return STEP_DONE;
}

export function readTableSizes(): i32 {
  if (!hold(14)) return NEED_INPUT;
  literals = take(5) + 257;
  distances = take(5) + 1;
  codeLengths = take(4) + 4;
  if (literals > MOST_LITERALS || distances > MOST_DISTANCES) return INVALID_DATA;
  memory.fill(WIDTHS, 0, CODE_LENGTH_SYMBOLS);
  filled = 0;
  block.mode = MODE_CODE_LENGTHS;
  return STEP_DONE;
}

export function readCodeLengths(): i32 {
  while (filled < codeLengths) {
    if (!hold(3)) return NEED_INPUT;
    store<u8>(WIDTHS + <u32>load<u8>(CODE_LENGTH_ORDER + filled), <u8>take(3));
    filled++;
  }
  if (!buildCodeLengths()) return INVALID_DATA;
  filled = 0;
  block.mode = MODE_WIDTHS;
  return STEP_DONE;
}

export function readWidths(): i32 {
  const total = literals + distances;
  const read = readRuns(filled, total);
  if (read < 0) return INVALID_DATA;
  filled = read;
  if (filled < total) return NEED_INPUT;
  if (load<u8>(WIDTHS + END_OF_BLOCK) === 0) return INVALID_DATA;
  if (!buildBlock(literals, distances)) return INVALID_DATA;
  block.mode = MODE_SYMBOLS;
  return STEP_DONE;
}
