/**
 * The range decoder of LZMA (xz doc/lzma-file-format.txt, Linux lib/xz/xz_dec_lzma2.c): bits, and trees of bits, each
 * with a probability that adapts. State goes into locals for the length of a tree.
 */

/** Probabilities are of 2^11, and move by a 32nd. */
export const PROBABILITY_BITS: u32 = 11;
const PROBABILITY_TOTAL: u32 = 1 << PROBABILITY_BITS;
const MOVE_BITS: u32 = 5;
/** Turns the move down into that up, rounded like it: -((p + 31 - 2^11) >> 5) is (2^11 - p) >> 5. */
const NOT_SET: u32 = (1 << MOVE_BITS) - 1 - PROBABILITY_TOTAL;
/** Below this the range takes another byte. */
const LEAST_RANGE: u32 = 1 << 24;

// biome-ignore-start lint/style/useConst: assigned here and by the decoder.
export namespace coder {
  export let range: u32 = 0;
  export let code: u32 = 0;
  /** The next byte of the source; may run past its end, by at most 21 bytes in a symbol. */
  export let at: usize = 0;
}
// biome-ignore-end lint/style/useConst: assigned here and by the decoder.

/** Begins behind the first byte, which the format does not use. */
export function beginRange(at: usize): void {
  coder.range = 0xffff_ffff;
  coder.code = bswap(load<u32>(at));
  coder.at = at + 4;
}

/** Takes a byte where the range has become too small for another bit. */
export function normalize(): void {
  if (coder.range < LEAST_RANGE) {
    coder.range <<= 8;
    coder.code = (coder.code << 8) | load<u8>(coder.at++);
  }
}

export function readBit(probability: usize): bool {
  normalize();
  const chance = <u32>load<u16>(probability);
  const bound = (coder.range >> PROBABILITY_BITS) * chance;
  if (coder.code < bound) {
    coder.range = bound;
    store<u16>(probability, chance + ((PROBABILITY_TOTAL - chance) >> MOVE_BITS));
    return false;
  }
  coder.range -= bound;
  coder.code -= bound;
  store<u16>(probability, chance - (chance >> MOVE_BITS));
  return true;
}

/**
 * What becomes of a probability, without a branch: `isSet` has all bits or none. Half of the bits in a tree cannot be
 * foreseen, and a branch that is foreseen wrongly costs more than all else that a bit takes.
 */
function moved(chance: u32, isSet: u32): u32 {
  return chance - <u32>(<i32>(chance + (NOT_SET & ~isSet)) >> MOVE_BITS);
}

/** `1 << width` and the `width` bits below it, highest first. */
export function readTree(tree: usize, width: u32): u32 {
  let range = coder.range;
  let code = coder.code;
  let at = coder.at;
  const end: u32 = 1 << width;
  let symbol: u32 = 1;
  do {
    if (range < LEAST_RANGE) {
      range <<= 8;
      code = (code << 8) | load<u8>(at++);
    }
    const probability = tree + (symbol << 1);
    const chance = <u32>load<u16>(probability);
    const bound = (range >> PROBABILITY_BITS) * chance;
    const bit = <u32>(code >= bound);
    const isSet = 0 - bit;
    range = bound + ((range - 2 * bound) & isSet);
    code -= bound & isSet;
    store<u16>(probability, moved(chance, isSet));
    symbol = (symbol << 1) | bit;
  } while (symbol < end);
  coder.range = range;
  coder.code = code;
  coder.at = at;
  return symbol;
}

/** A literal where a match could have been: each bit is expected to be that of `expected`, until one is not. */
export function readMatchedLiteral(tree: usize, expected: u32): u32 {
  let range = coder.range;
  let code = coder.code;
  let at = coder.at;
  let offset: u32 = 0x100;
  let wanted = expected << 1;
  let symbol: u32 = 1;
  do {
    if (range < LEAST_RANGE) {
      range <<= 8;
      code = (code << 8) | load<u8>(at++);
    }
    const wantedBit = wanted & offset;
    const probability = tree + ((offset + wantedBit + symbol) << 1);
    wanted <<= 1;
    const chance = <u32>load<u16>(probability);
    const bound = (range >> PROBABILITY_BITS) * chance;
    const bit = <u32>(code >= bound);
    const isSet = 0 - bit;
    range = bound + ((range - 2 * bound) & isSet);
    code -= bound & isSet;
    store<u16>(probability, moved(chance, isSet));
    symbol = (symbol << 1) | bit;
    offset &= wantedBit ^ ~isSet;
  } while (symbol < 0x100);
  coder.range = range;
  coder.code = code;
  coder.at = at;
  return symbol;
}

/** `width` bits, lowest first. */
export function readReverseTree(tree: usize, width: u32): u32 {
  let symbol: u32 = 1;
  let value: u32 = 0;
  for (let i: u32 = 0; i < width; i++) {
    const bit = <u32>readBit(tree + (symbol << 1));
    symbol = (symbol << 1) | bit;
    value |= bit << i;
  }
  return value;
}

/** `width` bits of even chance, highest first. */
export function readDirect(width: u32): u32 {
  let range = coder.range;
  let code = coder.code;
  let at = coder.at;
  let value: u32 = 0;
  for (let i = width; i > 0; i--) {
    if (range < LEAST_RANGE) {
      range <<= 8;
      code = (code << 8) | load<u8>(at++);
    }
    range >>= 1;
    code -= range;
    const borrow = 0 - (code >> 31);
    code += range & borrow;
    value = (value << 1) + (borrow + 1);
  }
  coder.range = range;
  coder.code = code;
  coder.at = at;
  return value;
}
