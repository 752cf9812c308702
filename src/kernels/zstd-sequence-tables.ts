/** The three tables that decode sequences (RFC 8878 section 3.1.1.3.2.1), each of which a block may take over. */

import type { BlockBuffer, BlockRange } from './zstd-bits.ts';
import { type CodeKind, LITERAL_LENGTHS, MATCH_LENGTHS, OFFSETS } from './zstd-codes.ts';
import { invalidBlock } from './zstd-error.ts';
import { type FseTable, readFseTable, singleStateTable } from './zstd-fse.ts';

const PREDEFINED = 0;
const RUN = 1;
const PACKED = 2;
const RESERVED_MODE = 3;

/** A table, and where its description ends. */
interface ReadTable {
  readonly table: FseTable;
  readonly end: number;
}

export interface SequenceTables {
  readonly literals: FseTable;
  readonly offsets: FseTable;
  readonly matches: FseTable;
}

/** Reads the modes and tables at the start of `range`; `end` is the byte behind them. */
export function readSequenceTables(
  block: BlockBuffer,
  range: BlockRange,
  previous: SequenceTables | undefined,
): { tables: SequenceTables; end: number } {
  if (range.start >= range.end) throw invalidBlock('the modes of its tables are missing');
  const modes = block.bytes[range.start]!;
  if ((modes & RESERVED_MODE) !== 0) throw invalidBlock('a reserved bit is set');
  const read = (mode: number, kind: CodeKind, last: FseTable | undefined, start: number) =>
    readTable(block, { start, end: range.end }, mode & 3, kind, last);
  const literals = read(modes >> 6, LITERAL_LENGTHS, previous?.literals, range.start + 1);
  const offsets = read(modes >> 4, OFFSETS, previous?.offsets, literals.end);
  const matches = read(modes >> 2, MATCH_LENGTHS, previous?.matches, offsets.end);
  const tables = { literals: literals.table, offsets: offsets.table, matches: matches.table };
  return { tables, end: matches.end };
}

function readTable(
  block: BlockBuffer,
  range: BlockRange,
  mode: number,
  kind: CodeKind,
  previous: FseTable | undefined,
): ReadTable {
  if (mode === PREDEFINED) return { table: kind.predefined, end: range.start };
  if (mode === RUN) return readRun(block, range, kind);
  if (mode === PACKED) return readFseTable(block, range, kind.limits);
  if (previous === undefined) throw invalidBlock('there is no table to use again');
  return { table: previous, end: range.start };
}

function readRun({ bytes }: BlockBuffer, { start, end }: BlockRange, kind: CodeKind): ReadTable {
  if (start >= end) throw invalidBlock('a table is missing');
  const symbol = bytes[start]!;
  if (symbol >= kind.limits.symbols) throw invalidBlock('a table has an unknown symbol');
  return { table: singleStateTable(symbol), end: start + 1 };
}
