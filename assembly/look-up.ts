/** Symbols at the front of the stream, which is held HELD_AT bits up, by the decode tables of the current block. */

import { DISTANCE_TABLE, DISTANCE_WIDTH, LITERAL_TABLE, LITERAL_WIDTH } from './decode-tables';
import {
  CODE_WIDTH_AT,
  EXTRA_AT,
  HELD_AT,
  LENGTH_MASK,
  OPEN_LENGTH,
  SPECIAL,
  SUBTABLE,
  VALUE_AT,
  VALUE_MASK,
} from './symbols';

/** Stands for the entry at the front of the stream before it has been looked up; takes no bits. */
export const UNREAD: u64 = SPECIAL | SUBTABLE;
/** A distance beyond any output. */
const OUT_OF_REACH: u64 = (<u64>1) << (30 + VALUE_AT);

/** Of a literal, a length or the end; to be resolved if it says so. */
export function literalEntry(held: u64): u64 {
  return <u64>load<u32>(<usize>held & (((1 << LITERAL_WIDTH) - 1) << HELD_AT), LITERAL_TABLE);
}

export function distanceEntry(held: u64): u64 {
  return <u64>load<u32>(<usize>held & (((1 << DISTANCE_WIDTH) - 1) << HELD_AT), DISTANCE_TABLE);
}

function lowBits(held: u64, at: u32, width: u32): u32 {
  return <u32>(held >> (HELD_AT + at)) & ((1 << width) - 1);
}

/** Base plus extra bits. */
export function valueIn(entry: u64, held: u64): u32 {
  const extra = (held & ((((<u64>1) << HELD_AT) << entry) - 1)) >> (entry >> CODE_WIDTH_AT);
  return <u32>(entry >> VALUE_AT) + <u32>extra;
}

/** The entry in a subtable, as if it stood in the main table. */
function linkedEntry(table: usize, mainWidth: u32, link: u32, held: u64): u32 {
  const index = lowBits(held, mainWidth, (link >> CODE_WIDTH_AT) & 63);
  const entry = load<u32>(table + ((((link >> VALUE_AT) & VALUE_MASK) + index) << 2));
  return entry + (mainWidth << CODE_WIDTH_AT) + (entry & OPEN_LENGTH ? 0 : mainWidth);
}

/** What an entry that needs a second look stands for: a literal, a whole length, the end or an invalid code. */
export function resolvedLiteral(unresolved: u64, held: u64): u64 {
  if (unresolved === UNREAD) return literalEntry(held);
  let entry = <u32>unresolved;
  if (entry & SUBTABLE) entry = linkedEntry(LITERAL_TABLE, LITERAL_WIDTH, entry, held);
  if (!(entry & OPEN_LENGTH)) return <u64>entry;
  const width = (entry >> CODE_WIDTH_AT) & 63;
  const value = (entry >> VALUE_AT) & VALUE_MASK;
  const extra = value >> EXTRA_AT;
  const length = (value & LENGTH_MASK) + lowBits(held, width, extra);
  return <u64>((length << VALUE_AT) | (width + extra));
}

/** The same for distances; an invalid code becomes a distance that no output has room for. */
export function resolvedDistance(unresolved: u64, held: u64): u64 {
  let entry = <u32>unresolved;
  if (entry & SUBTABLE) entry = linkedEntry(DISTANCE_TABLE, DISTANCE_WIDTH, entry, held);
  return entry & SPECIAL ? OUT_OF_REACH | (entry & 63) : <u64>entry;
}
