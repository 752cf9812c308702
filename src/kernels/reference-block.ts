/** Headers of DEFLATE blocks (RFC 1951 section 3.2.3), for the reference inflater. */

import type { BitInput } from './reference-bits.ts';
import { type DecodeTable, decodeTable, fixedTables } from './reference-huffman.ts';

/** What follows a block header. */
export type BlockBody =
  | { readonly kind: 'stored'; readonly size: number }
  | { readonly kind: 'coded'; readonly literals: DecodeTable; readonly distances: DecodeTable };

export interface BlockHeader {
  readonly isLast: boolean;
  readonly body: BlockBody;
}

/** RFC 1951 section 3.2.7: the order in which the widths of the code length code come. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;
/** zlib refuses more (inflate.c). */
const MOST_LITERALS = 286;
const MOST_DISTANCES = 30;

const FIXED = fixedTables();

/** Reads a header; undefined if it is invalid, or anything at all if the input ran short. */
export function readBlockHeader(input: BitInput): BlockHeader | undefined {
  const isLast = input.take(1) === 1;
  const body = readBody(input, input.take(2));
  return body && { isLast, body };
}

function readBody(input: BitInput, type: number): BlockBody | undefined {
  if (type === 0) return readStored(input);
  if (type === 1) return { kind: 'coded', ...FIXED };
  return type === 2 ? readDynamic(input) : undefined;
}

function readStored(input: BitInput): BlockBody | undefined {
  input.position = (input.position + 7) & ~7;
  const size = input.take(16);
  return input.take(16) === (size ^ 0xffff) ? { kind: 'stored', size } : undefined;
}

function readDynamic(input: BitInput): BlockBody | undefined {
  const literalCount = input.take(5) + 257;
  const distanceCount = input.take(5) + 1;
  const codeLengths = new Uint8Array(CODE_LENGTH_ORDER.length);
  const count = input.take(4) + 4;
  for (const symbol of CODE_LENGTH_ORDER.slice(0, count)) codeLengths[symbol] = input.take(3);
  if (literalCount > MOST_LITERALS || distanceCount > MOST_DISTANCES) return undefined;
  const table = decodeTable(codeLengths, false);
  const widths = table && readWidths(input, table, literalCount + distanceCount);
  if (!widths || widths[END_OF_BLOCK] === 0) return undefined;
  const literals = decodeTable(widths.subarray(0, literalCount), true);
  const distances = decodeTable(widths.subarray(literalCount), true);
  return literals && distances && { kind: 'coded', literals, distances };
}

function readWidths(input: BitInput, table: DecodeTable, count: number): Uint8Array | undefined {
  const widths = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const symbol = takeSymbol(input, table);
    if (symbol < 16) {
      widths[filled++] = symbol;
      continue;
    }
    const repeat = readRepeat(input, symbol);
    if (filled + repeat > count || (symbol === 16 && filled === 0)) return undefined;
    widths.fill(symbol === 16 ? widths[filled - 1]! : 0, filled, filled + repeat);
    filled += repeat;
  }
  return widths;
}

function readRepeat(input: BitInput, symbol: number): number {
  if (symbol === 16) return input.take(2) + 3;
  return symbol === 17 ? input.take(3) + 3 : input.take(7) + 11;
}

/** One symbol of a complete code of at most 16 bits. */
function takeSymbol(input: BitInput, table: DecodeTable): number {
  const start = input.position;
  const entry = table.entries[input.take(LONGEST_CODE) & table.mask]!;
  input.position = start + (entry & 15);
  return entry >> 4;
}

const LONGEST_CODE = 15;
