/** Codes of lengths and offsets in sequences, and their default tables (RFC 8878 section 3.1.1.3.2). */

import { buildFseTable, type FseLimits, type FseTable } from './zstd-fse.ts';

/** Low bits of a rule: how many bits are added to its base. */
const RULE_BITS = 5;

/** One of the three kinds of code that make a sequence. */
export interface CodeKind {
  readonly limits: FseLimits;
  readonly predefined: FseTable;
}

/** RFC 8878 section 3.1.1.3.2.1.1: bits behind codes, from code 16 for literals and from code 32 for matches. */
const LITERAL_BITS = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BITS = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const SHORTEST_MATCH = 3;

/** By code of a literal length: the length without, and the number of, added bits. */
export const LITERAL_RULES = rules(0, [...zeros(16), ...LITERAL_BITS]);
/** The same for match lengths. */
export const MATCH_RULES = rules(SHORTEST_MATCH, [...zeros(32), ...MATCH_BITS]);

export function ruleBits(rule: number): number {
  return rule & ((1 << RULE_BITS) - 1);
}

export function ruleBase(rule: number): number {
  return rule >> RULE_BITS;
}

/** Each code goes on where the one before ends. */
function rules(first: number, bits: readonly number[]): Int32Array {
  let base = first;
  return Int32Array.from(bits, (count) => {
    const rule = (base << RULE_BITS) | count;
    base += 1 << count;
    return rule;
  });
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** RFC 8878 section 3.1.1.3.2.2, the default distributions. */
export const LITERAL_LENGTHS = kind(
  { log: 9, symbols: 36 },
  6,
  '4 3 2 2 2 2 2 2 2 2 2 2 2 1 1 1 2 2 2 2 2 2 2 2 2 3 2 1 1 1 1 1 -1 -1 -1 -1',
);
export const MATCH_LENGTHS = kind(
  { log: 9, symbols: 53 },
  6,
  '1 4 3 2 2 2 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -1 -1 -1 -1 -1 -1 -1',
);
export const OFFSETS = kind(
  { log: 8, symbols: 32 },
  5,
  '1 1 1 1 1 1 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -1 -1 -1 -1 -1',
);

function kind(limits: FseLimits, log: number, probabilities: string): CodeKind {
  return { limits, predefined: buildFseTable(probabilities.split(' ').map(Number), log) };
}
