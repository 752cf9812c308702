/**
 * MicroLZMA as EROFS has it (Linux lib/xz/xz_dec_lzma2.c, xz_dec_microlzma_run): one LZMA stream without a header or an
 * end marker, in place of whose first byte, which is always zero, stand the properties, inverted. Source and target
 * are whole in memory, so the target is the dictionary; both have slack behind them.
 */

import { BLOCK_DONE, BLOCK_INVALID, BLOCK_TOO_LONG, BLOCK_TOO_SHORT } from './block-outcome';
import { copyMatch } from './copy-match';
import {
  DISTANCE_ALIGN,
  DISTANCE_SLOT_WIDTH,
  DISTANCE_SLOTS,
  DISTANCE_SPECIAL,
  IS_LONG_REPEAT,
  IS_MATCH,
  IS_OLDER_1,
  IS_OLDER_2,
  IS_OLDER_3,
  IS_REPEAT,
  LENGTH_LONG,
  LENGTH_MIDDLE,
  LENGTH_SHORT,
  LITERAL_SIZE,
  LITERALS,
  MATCH_LENGTHS,
  REPEAT_LENGTHS,
  resetModel,
} from './lzma-model';
import {
  beginRange,
  coder,
  normalize,
  readBit,
  readDirect,
  readMatchedLiteral,
  readReverseTree,
  readTree,
} from './lzma-range';

/** The byte of properties and the first four of the range decoder. */
const LEAST_SIZE: u32 = 5;
const MOST_PROPERTIES: u32 = (4 * 5 + 4) * 9 + 8;
const MOST_LITERAL_BITS: u32 = 4;
const SHORTEST_MATCH: u32 = 2;
/** States below were reached by a literal. */
const LITERAL_STATES: u32 = 7;
/** Distances in slots below are the slot, those up to the next have all their bits in trees. */
const FIRST_SPECIAL_SLOT: u32 = 4;
const FIRST_DIRECT_SLOT: u32 = 14;
const ALIGN_WIDTH: u32 = 4;

// biome-ignore-start lint/style/useConst: each stream sets them.
/** Properties of the stream. */
namespace literals {
  export let contextBits: u32 = 0;
  export let positionMask: u32 = 0;
}
let positionMask: u32 = 0;

/** What the last symbols were, and the last four distances less one. */
namespace past {
  export let state: u32 = 0;
  export let distance0: u32 = 0;
  export let distance1: u32 = 0;
  export let distance2: u32 = 0;
  export let distance3: u32 = 0;
}
// biome-ignore-end lint/style/useConst: each stream sets them.

function begin(source: usize): bool {
  const properties = <u32>(load<u8>(source) ^ 0xff);
  if (properties > MOST_PROPERTIES) return false;
  const contextBits = properties % 9;
  const positionBits = (properties / 9) % 5;
  if (contextBits + positionBits > MOST_LITERAL_BITS) return false;
  literals.contextBits = contextBits;
  literals.positionMask = (1 << positionBits) - 1;
  positionMask = (1 << (properties / 45)) - 1;
  past.state = 0;
  past.distance0 = 0;
  past.distance1 = 0;
  past.distance2 = 0;
  past.distance3 = 0;
  resetModel(contextBits + positionBits);
  beginRange(source + 1);
  return true;
}

function readLiteral(to: usize, position: u32): void {
  const before = position === 0 ? 0 : <u32>load<u8>(to - 1);
  const context =
    ((position & literals.positionMask) << literals.contextBits) +
    (before >> (8 - literals.contextBits));
  const tree = LITERALS + LITERAL_SIZE * context;
  const state = past.state;
  if (state < LITERAL_STATES) {
    store<u8>(to, <u8>readTree(tree, 8));
    past.state = state < 4 ? 0 : state - 3;
  } else {
    const expected = <u32>load<u8>(to - past.distance0 - 1);
    store<u8>(to, <u8>readMatchedLiteral(tree, expected));
    past.state = state < 10 ? state - 3 : state - 6;
  }
}

function readLength(table: usize, positionState: u32): u32 {
  if (!readBit(table)) {
    return SHORTEST_MATCH - 8 + readTree(table + LENGTH_SHORT + (positionState << 4), 3);
  }
  if (!readBit(table + 2)) {
    return SHORTEST_MATCH + readTree(table + LENGTH_MIDDLE + (positionState << 4), 3);
  }
  return SHORTEST_MATCH + 16 - 256 + readTree(table + LENGTH_LONG, 8);
}

function readDistance(length: u32): u32 {
  const kind = min(length - SHORTEST_MATCH, 3);
  const slot = readTree(DISTANCE_SLOTS + (kind << 7), DISTANCE_SLOT_WIDTH) - 64;
  if (slot < FIRST_SPECIAL_SLOT) return slot;
  const width = (slot >> 1) - 1;
  const high = (2 | (slot & 1)) << width;
  if (slot < FIRST_DIRECT_SLOT) {
    return high + readReverseTree(DISTANCE_SPECIAL + ((high - slot) << 1), width);
  }
  const middle = readDirect(width - ALIGN_WIDTH) << ALIGN_WIDTH;
  return high + middle + readReverseTree(DISTANCE_ALIGN, ALIGN_WIDTH);
}

/** Makes one of the distances before the last the last. */
function recallOlder(): void {
  const last = past.distance0;
  if (!readBit(IS_OLDER_2 + (past.state << 1))) {
    past.distance0 = past.distance1;
  } else {
    if (!readBit(IS_OLDER_3 + (past.state << 1))) {
      past.distance0 = past.distance2;
    } else {
      past.distance0 = past.distance3;
      past.distance3 = past.distance2;
    }
    past.distance2 = past.distance1;
  }
  past.distance1 = last;
}

/** Reads a match at one of the last distances; returns its length. */
function readRepeat(positionState: u32): u32 {
  const state = past.state;
  if (readBit(IS_OLDER_1 + (state << 1))) {
    recallOlder();
  } else if (!readBit(IS_LONG_REPEAT + (((state << 4) + positionState) << 1))) {
    past.state = state < LITERAL_STATES ? 9 : 11;
    return 1;
  }
  past.state = state < LITERAL_STATES ? 8 : 11;
  return readLength(REPEAT_LENGTHS, positionState);
}

/** Reads a match at a new distance; returns its length. */
function readMatch(positionState: u32): u32 {
  past.state = past.state < LITERAL_STATES ? 7 : 10;
  past.distance3 = past.distance2;
  past.distance2 = past.distance1;
  past.distance1 = past.distance0;
  const length = readLength(MATCH_LENGTHS, positionState);
  past.distance0 = readDistance(length);
  return length;
}

/** Whether the stream ends where its source does. */
function finish(end: usize): i32 {
  normalize();
  if (coder.at > end) return BLOCK_TOO_SHORT;
  if (coder.at < end) return BLOCK_TOO_LONG;
  return coder.code === 0 ? BLOCK_DONE : BLOCK_INVALID;
}

/**
 * Fills the `capacity` bytes at `target` from the stream of `size` bytes at `source`, with distances up to
 * `dictionary`; one of block-outcome.ts.
 */
export function lzmaUnpack(
  source: usize,
  size: u32,
  target: usize,
  capacity: u32,
  partial: bool,
  dictionary: u32,
): i32 {
  if (partial && capacity === 0) return BLOCK_DONE;
  if (size < LEAST_SIZE) return BLOCK_TOO_SHORT;
  if (!begin(source)) return BLOCK_INVALID;
  const end = source + size;
  let position: u32 = 0;
  while (position < capacity) {
    const positionState = position & positionMask;
    if (!readBit(IS_MATCH + (((past.state << 4) + positionState) << 1))) {
      readLiteral(target + position, position);
      if (coder.at > end) return BLOCK_TOO_SHORT;
      position++;
      continue;
    }
    let length = readBit(IS_REPEAT + (past.state << 1))
      ? readRepeat(positionState)
      : readMatch(positionState);
    if (coder.at > end) return BLOCK_TOO_SHORT;
    const distance = past.distance0;
    if (distance >= position || distance >= dictionary) return BLOCK_INVALID;
    if (length > capacity - position) {
      if (!partial) return BLOCK_TOO_LONG;
      length = capacity - position;
    }
    copyMatch(target + position, distance + 1, length);
    position += length;
  }
  return partial ? BLOCK_DONE : finish(end);
}
