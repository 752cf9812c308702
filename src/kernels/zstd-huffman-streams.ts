/** Huffman-coded streams (RFC 8878 section 4.2.2), read backwards. */

import { type BlockBuffer, type BlockRange, lastBitPosition } from './zstd-bits.ts';
import { invalidBlock } from './zstd-error.ts';
import { type HuffmanTable, LONGEST_CODE } from './zstd-huffman.ts';

/** Two codes come from one read, which has 25 bits at least. */
const PAIR = 2 * LONGEST_CODE;

/** Where the symbols go: `to - from` of them. */
export interface SymbolRange {
  readonly symbols: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Decodes one stream that must have exactly the bits for the symbols of `target`. */
export function readHuffmanStream(
  block: BlockBuffer,
  range: BlockRange,
  table: HuffmanTable,
  target: SymbolRange,
): void {
  finish(block, range.start * 8, table, target, lastBitPosition(block.bytes, range));
}

/** Reads what is left from bit `position` down to bit `first`, symbol by symbol. */
function finish(
  { view }: BlockBuffer,
  first: number,
  { log, cells }: HuffmanTable,
  { symbols, from, to }: SymbolRange,
  position: number,
): void {
  const mask = (1 << log) - 1;
  let at = position;
  for (let i = from; i < to && at >= first; i++) {
    const start = at - log;
    const cell = cells[(view.getInt32(start >> 3, true) >>> (start & 7)) & mask]!;
    symbols[i] = cell;
    at -= cell >> 8;
  }
  if (at !== first) throw invalidBlock('a Huffman stream does not end where its symbols do');
}

/** Decodes four streams side by side, which keeps a processor busier than one after another. */
export function readFourHuffmanStreams(
  block: BlockBuffer,
  ranges: readonly [BlockRange, BlockRange, BlockRange, BlockRange],
  table: HuffmanTable,
  { symbols, from, to }: SymbolRange,
): void {
  const { view } = block;
  const { cells } = table;
  const mask = (1 << table.log) - 1;
  const shift = PAIR - table.log;
  const quarter = (to - from + 3) >> 2;
  const [first0, first1, first2, first3] = ranges.map(({ start }) => start * 8) as Four;
  let [at0, at1, at2, at3] = ranges.map((range) => lastBitPosition(block.bytes, range)) as Four;
  const from1 = from + quarter;
  const from2 = from1 + quarter;
  const from3 = from2 + quarter;
  const pairs = from + Math.max(0, (to - from3) & ~1);
  let i = from;
  for (; i < pairs; i += 2) {
    if (at0 < first0 || at1 < first1 || at2 < first2 || at3 < first3) break;
    const word0 = view.getInt32((at0 - PAIR) >> 3, true) >>> ((at0 - PAIR) & 7);
    const word1 = view.getInt32((at1 - PAIR) >> 3, true) >>> ((at1 - PAIR) & 7);
    const word2 = view.getInt32((at2 - PAIR) >> 3, true) >>> ((at2 - PAIR) & 7);
    const word3 = view.getInt32((at3 - PAIR) >> 3, true) >>> ((at3 - PAIR) & 7);
    const cell0 = cells[(word0 >>> shift) & mask]!;
    const cell1 = cells[(word1 >>> shift) & mask]!;
    const cell2 = cells[(word2 >>> shift) & mask]!;
    const cell3 = cells[(word3 >>> shift) & mask]!;
    const next0 = cells[(word0 >>> (shift - (cell0 >> 8))) & mask]!;
    const next1 = cells[(word1 >>> (shift - (cell1 >> 8))) & mask]!;
    const next2 = cells[(word2 >>> (shift - (cell2 >> 8))) & mask]!;
    const next3 = cells[(word3 >>> (shift - (cell3 >> 8))) & mask]!;
    symbols[i] = cell0;
    symbols[i + 1] = next0;
    symbols[i + quarter] = cell1;
    symbols[i + quarter + 1] = next1;
    symbols[i + 2 * quarter] = cell2;
    symbols[i + 2 * quarter + 1] = next2;
    symbols[i + 3 * quarter] = cell3;
    symbols[i + 3 * quarter + 1] = next3;
    at0 -= (cell0 >> 8) + (next0 >> 8);
    at1 -= (cell1 >> 8) + (next1 >> 8);
    at2 -= (cell2 >> 8) + (next2 >> 8);
    at3 -= (cell3 >> 8) + (next3 >> 8);
  }
  const done = i - from;
  finish(block, first0, table, { symbols, from: i, to: from1 }, at0);
  finish(block, first1, table, { symbols, from: from1 + done, to: from2 }, at1);
  finish(block, first2, table, { symbols, from: from2 + done, to: from3 }, at2);
  finish(block, first3, table, { symbols, from: from3 + done, to }, at3);
}

type Four = [number, number, number, number];
