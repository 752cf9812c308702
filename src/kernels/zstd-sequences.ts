/** The sequences section of a block (RFC 8878 section 3.1.1.3.2): literals to copy, then a match, over and over. */

import {
  type BlockBuffer,
  type BlockRange,
  bitsAt,
  lastBitPosition,
  longBitsAt,
} from './zstd-bits.ts';
import { LITERAL_RULES, MATCH_RULES, ruleBase, ruleBits } from './zstd-codes.ts';
import { invalidBlock } from './zstd-error.ts';
import { stateBase, stateBits, stateSymbol } from './zstd-fse.ts';
import { LARGEST_BLOCK } from './zstd-header.ts';
import { readSequenceTables, type SequenceTables } from './zstd-sequence-tables.ts';

const SHORTEST_MATCH = 3;
const MOST_SEQUENCES = Math.floor(LARGEST_BLOCK / SHORTEST_MATCH);
/** Code 28 and above is beyond the largest window that is granted, 2^27 bytes. */
const LARGEST_OFFSET_CODE = 27;
/** RFC 8878 section 3.1.1.5. */
const FIRST_OFFSETS = [1, 4, 8] as const;
/** RFC 8878 section 3.1.1.3.2.1: the number of sequences in one, two or three bytes. */
const TWO_BYTES = 128;
const THREE_BYTES = 255;
const THREE_BYTES_BASE = 0x7f00;

export class ZstdSequences {
  readonly literalLengths = new Int32Array(MOST_SEQUENCES);
  readonly matchLengths = new Int32Array(MOST_SEQUENCES);
  /** Bytes to go back, 0 to 2^28; 0 is invalid. */
  readonly offsets = new Int32Array(MOST_SEQUENCES);
  #count = 0;
  #tables: SequenceTables | undefined;
  /** The last three offsets, the last one first. */
  #recent: readonly [number, number, number] = FIRST_OFFSETS;

  /** Number of sequences in the arrays. */
  get count(): number {
    return this.#count;
  }

  beginFrame(): void {
    this.#tables = undefined;
    this.#recent = FIRST_OFFSETS;
  }

  /** Reads the section that fills `range`. Its literals add up to `literals` at most, all it yields to `limit`. */
  read(block: BlockBuffer, range: BlockRange, literals: number, limit: number): void {
    const { count, end } = readCount(block, range);
    this.#count = count;
    if (count === 0 && end !== range.end) throw invalidBlock('bytes follow the last section');
    if (count === 0) return;
    const room = limit - literals;
    if (count * SHORTEST_MATCH > room) throw invalidBlock('there are too many sequences');
    const read = readSequenceTables(block, { start: end, end: range.end }, this.#tables);
    this.#tables = read.tables;
    this.#decode(block, { start: read.end, end: range.end }, read.tables, literals, room);
  }

  /** RFC 8878 section 3.1.1.3.2.1.2. */
  #decode(
    block: BlockBuffer,
    range: BlockRange,
    tables: SequenceTables,
    literals: number,
    room: number,
  ): void {
    const { view } = block;
    const { literalLengths, matchLengths, offsets } = this;
    const literalStates = tables.literals.states;
    const offsetStates = tables.offsets.states;
    const matchStates = tables.matches.states;
    let [offset0, offset1, offset2] = this.#recent;
    const first = range.start * 8;
    const last = this.#count - 1;
    let literalsLeft = literals;
    let matchesLeft = room;
    let at = lastBitPosition(block.bytes, range) - tables.literals.log;
    let literalState = bitsAt(view, at, tables.literals.log);
    at -= tables.offsets.log;
    let offsetState = bitsAt(view, at, tables.offsets.log);
    at -= tables.matches.log;
    let matchState = bitsAt(view, at, tables.matches.log);
    for (let i = 0; i <= last; i++) {
      const literalCell = literalStates[literalState]!;
      const offsetCell = offsetStates[offsetState]!;
      const matchCell = matchStates[matchState]!;
      const offsetCode = stateSymbol(offsetCell);
      if (offsetCode > LARGEST_OFFSET_CODE) throw invalidBlock('a match is too far back');
      if (at < first) break;
      at -= offsetCode;
      const value = (1 << offsetCode) + longBitsAt(view, at, offsetCode);
      const matchRule = MATCH_RULES[stateSymbol(matchCell)]!;
      at -= ruleBits(matchRule);
      const match = ruleBase(matchRule) + bitsAt(view, at, ruleBits(matchRule));
      const literalRule = LITERAL_RULES[stateSymbol(literalCell)]!;
      at -= ruleBits(literalRule);
      const literal = ruleBase(literalRule) + bitsAt(view, at, ruleBits(literalRule));
      literalsLeft -= literal;
      matchesLeft -= match;
      if (literalsLeft < 0 || matchesLeft < 0) throw invalidBlock('its sequences yield too much');
      literalLengths[i] = literal;
      matchLengths[i] = match;
      if (value > 3) {
        offset2 = offset1;
        offset1 = offset0;
        offset0 = value - 3;
      } else {
        // RFC 8878 section 3.1.1.5: 1 to 3 mean recent offsets, the next ones where there are no literals.
        const which = value - (literal === 0 ? 0 : 1);
        let offset = which === 3 ? offset0 - 1 : offset2;
        if (which < 2) offset = which === 0 ? offset0 : offset1;
        if (which > 1) offset2 = offset1;
        if (which > 0) offset1 = offset0;
        offset0 = offset;
      }
      offsets[i] = offset0;
      if (i === last) break;
      at -= stateBits(literalCell);
      literalState = stateBase(literalCell) + bitsAt(view, at, stateBits(literalCell));
      at -= stateBits(matchCell);
      matchState = stateBase(matchCell) + bitsAt(view, at, stateBits(matchCell));
      at -= stateBits(offsetCell);
      offsetState = stateBase(offsetCell) + bitsAt(view, at, stateBits(offsetCell));
    }
    this.#recent = [offset0, offset1, offset2];
    if (at !== first) throw invalidBlock('its sequences do not end where their bits do');
  }
}

function readCount(
  { bytes, view }: BlockBuffer,
  { start, end }: BlockRange,
): { count: number; end: number } {
  const first = start < end ? bytes[start]! : 0;
  const length = first < TWO_BYTES ? 1 : first < THREE_BYTES ? 2 : 3;
  if (start + length > end) throw invalidBlock('the number of sequences is cut off');
  if (length === 1) return { count: first, end: start + 1 };
  if (length === 2) {
    return { count: ((first - TWO_BYTES) << 8) | bytes[start + 1]!, end: start + 2 };
  }
  return { count: view.getUint16(start + 1, true) + THREE_BYTES_BASE, end: start + 3 };
}
