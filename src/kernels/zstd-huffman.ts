/** Prefix codes of literals (RFC 8878 section 4.2.1). */

import { type BlockBuffer, type BlockRange, bitsAt, lastBitPosition } from './zstd-bits.ts';
import { invalidBlock } from './zstd-error.ts';
import { type FseTable, readFseTable, stateBase, stateBits, stateSymbol } from './zstd-fse.ts';

/** A code as a table: by the next `log` bits, the symbol and from bit 8 on the length of its code. */
export interface HuffmanTable {
  readonly log: number;
  readonly cells: Uint16Array;
}

/** RFC 8878 section 4.2.1 says 11, but zstd reads 12, and so does Node's decoder. */
export const LONGEST_CODE = 12;
/** RFC 8878 section 4.2.1.2; the last of 256 weights is never written. */
const WEIGHT_LIMITS = { log: 6, symbols: 256 };
const MOST_WEIGHTS = 255;
/** RFC 8878 section 4.2.1.1: from here on the header counts weights of four bits. */
const DIRECT_WEIGHTS = 128;

/** Reads the description of a code at the start of `range`; `end` is the byte behind it. */
export function readHuffmanTable(
  block: BlockBuffer,
  range: BlockRange,
): { table: HuffmanTable; end: number } {
  if (range.start >= range.end) throw invalidBlock('a Huffman tree is missing');
  const header = block.bytes[range.start]!;
  const start = range.start + 1;
  const isDirect = header >= DIRECT_WEIGHTS;
  const count = header - (DIRECT_WEIGHTS - 1);
  const end = start + (isDirect ? (count + 1) >> 1 : header);
  if (end > range.end) throw invalidBlock('a Huffman tree is cut off');
  const weights = isDirect
    ? readDirectWeights(block.bytes, start, count)
    : readPackedWeights(block, { start, end });
  return { table: buildHuffmanTable(weights), end };
}

/** Two weights a byte, the first in its upper half. */
function readDirectWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = bytes[start + (i >> 1)]!;
    return i % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** RFC 8878 section 4.2.1.2: two states take turns until one lacks bits; the other has the last weight. */
function readPackedWeights(block: BlockBuffer, range: BlockRange): number[] {
  const { table, end: start } = readFseTable(block, range, WEIGHT_LIMITS);
  const first = start * 8;
  const weights: number[] = [];
  let at = lastBitPosition(block.bytes, { start, end: range.end }) - 2 * table.log;
  if (at < first) throw invalidBlock('the weights of a Huffman tree are cut off');
  let state = bitsAt(block.view, at + table.log, table.log);
  let other = bitsAt(block.view, at, table.log);
  for (;;) {
    weights.push(symbolOf(table, state));
    const bits = stateBits(table.states[state]!);
    at -= bits;
    if (at < first) break;
    const next = stateBase(table.states[state]!) + bitsAt(block.view, at, bits);
    state = other;
    other = next;
    if (weights.length >= MOST_WEIGHTS - 1) throw invalidBlock('a Huffman tree is too large');
  }
  weights.push(symbolOf(table, other));
  return weights;
}

function symbolOf(table: FseTable, state: number): number {
  return stateSymbol(table.states[state]!);
}

/** RFC 8878 section 4.2.1: the weight of the last symbol is what fills the code. */
function addLastWeight(weights: number[]): number {
  let sum = 0;
  for (const weight of weights) {
    if (weight > LONGEST_CODE) throw invalidBlock('a Huffman code is too long');
    sum += (1 << weight) >> 1;
  }
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || (rest & (rest - 1)) !== 0) throw invalidBlock('a Huffman tree is incomplete');
  if (log > LONGEST_CODE) throw invalidBlock('a Huffman code is too long');
  weights.push(32 - Math.clz32(rest));
  return log;
}

/** RFC 8878 section 4.2.1.3: the longest codes come first, those of equal length in the order of their symbols. */
function buildHuffmanTable(weights: number[]): HuffmanTable {
  const log = addLastWeight(weights);
  const next = firstCells(weights, log);
  const cells = new Uint16Array(1 << log);
  weights.forEach((weight, symbol) => {
    if (weight === 0) return;
    const start = next[weight]!;
    next[weight] = start + (1 << (weight - 1));
    cells.fill(symbol | ((log + 1 - weight) << 8), start, next[weight]);
  });
  return { log, cells };
}

/** Where the cells of each weight begin. */
function firstCells(weights: readonly number[], log: number): Uint16Array {
  const counts = new Uint16Array(log + 2);
  for (const weight of weights) counts[weight]!++;
  // The two longest codes differ in their last bit, so zstd wants an even number of them, and refuses all else.
  if (counts[1]! < 2 || counts[1]! % 2 !== 0) throw invalidBlock('a Huffman tree is incomplete');
  const starts = new Uint16Array(log + 2);
  for (let weight = 1; weight <= log; weight++) {
    starts[weight + 1] = starts[weight]! + (counts[weight]! << (weight - 1));
  }
  return starts;
}
