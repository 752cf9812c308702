/** Tables of the finite state entropy code (RFC 8878 section 4.1). */

import { type BlockBuffer, type BlockRange, bitsAt } from './zstd-bits.ts';
import { invalidBlock } from './zstd-error.ts';

/** A decoding table; each state is packed as {@link stateSymbol}, bits to read and what to add them to. */
export interface FseTable {
  /** The accuracy log: there are 2^log states. */
  readonly log: number;
  readonly states: Int32Array;
}

/** What a table may be at most. */
export interface FseLimits {
  readonly log: number;
  readonly symbols: number;
}

/** RFC 8878 section 4.1.1: four bits count from here. */
const LEAST_LOG = 5;
/** States fit into 12 bits, and bits to read into 4, since no table has a log above 9. */
const SYMBOL_SHIFT = 16;
const BITS_SHIFT = 12;
const BITS_MASK = 15;
const BASE_MASK = 0xfff;
/** A probability of less than one, which takes one state. */
const BELOW_ONE = -1;

export function stateSymbol(state: number): number {
  return state >>> SYMBOL_SHIFT;
}

/** Bits to read for the next state. */
export function stateBits(state: number): number {
  return (state >>> BITS_SHIFT) & BITS_MASK;
}

/** What to add to these bits. */
export function stateBase(state: number): number {
  return state & BASE_MASK;
}

/** A table of one state, which takes no bits. */
export function singleStateTable(symbol: number): FseTable {
  return { log: 0, states: Int32Array.of(symbol << SYMBOL_SHIFT) };
}

/** Builds a table from probabilities that sum up to 2^log, -1 counting as 1. */
export function buildFseTable(probabilities: ArrayLike<number>, log: number): FseTable {
  const symbols = spreadSymbols(probabilities, log);
  const next = Uint16Array.from(probabilities, Math.abs);
  const states = new Int32Array(1 << log);
  for (let i = 0; i < states.length; i++) {
    const symbol = symbols[i]!;
    const state = next[symbol]!++;
    const bits = log - (31 - Math.clz32(state));
    const base = (state << bits) - states.length;
    states[i] = (symbol << SYMBOL_SHIFT) | (bits << BITS_SHIFT) | base;
  }
  return { log, states };
}

/** The symbol of each state: rare ones at the end, others in steps over what is left. */
function spreadSymbols(probabilities: ArrayLike<number>, log: number): Uint8Array {
  const size = 1 << log;
  const step = (size >> 1) + (size >> 3) + 3;
  const symbols = new Uint8Array(size);
  let free = size;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    if (probabilities[symbol] === BELOW_ONE) symbols[--free] = symbol;
  }
  let at = 0;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    for (let i = 0; i < probabilities[symbol]!; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= free);
    }
  }
  return symbols;
}

/** Reads a table description at the start of `range`; `end` is the byte behind it. */
export function readFseTable(
  block: BlockBuffer,
  range: BlockRange,
  limits: FseLimits,
): { table: FseTable; end: number } {
  if (range.start >= range.end) throw invalidBlock('a table is missing');
  const log = LEAST_LOG + bitsAt(block.view, range.start * 8, 4);
  if (log > limits.log) throw invalidBlock('a table is too accurate');
  const { probabilities, end } = readProbabilities(block.view, range, log, limits.symbols);
  return { table: buildFseTable(probabilities, log), end };
}

/** RFC 8878 section 4.1.1: each probability takes as few bits as what is left allows. */
function readProbabilities(
  view: DataView,
  range: BlockRange,
  log: number,
  symbols: number,
): { probabilities: number[]; end: number } {
  const probabilities: number[] = [];
  let at = range.start * 8 + 4;
  let left = 1 << log;
  while (left > 0) {
    if (probabilities.length >= symbols) throw invalidBlock('a table has too many symbols');
    const bits = 32 - Math.clz32(left + 1);
    const short = (1 << bits) - 1 - (left + 1);
    const low = bitsAt(view, at, bits - 1);
    const isShort = low < short;
    const whole = bitsAt(view, at, bits);
    const value = isShort ? low : whole < 1 << (bits - 1) ? whole : whole - short;
    at += isShort ? bits - 1 : bits;
    left -= Math.abs(value - 1);
    probabilities.push(value - 1);
    if (value === 1) at = readZeros(view, at, probabilities, symbols);
    if (at > range.end * 8) throw invalidBlock('a table is cut off');
  }
  return { probabilities, end: (at + 7) >> 3 };
}

/** Behind a probability of zero, two bits say how many more follow; three mean that two bits more do. */
function readZeros(
  view: DataView,
  start: number,
  probabilities: number[],
  symbols: number,
): number {
  for (let at = start; ; at += 2) {
    const more = bitsAt(view, at, 2);
    for (let i = 0; i < more; i++) probabilities.push(0);
    if (probabilities.length > symbols) throw invalidBlock('a table has too many symbols');
    if (more < 3) return at + 2;
  }
}
