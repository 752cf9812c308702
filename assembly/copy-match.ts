/** Copies of earlier output, in vectors; a copy may write past its end, never before its start. */

/** For each distance below 16: which byte of the period each lane repeats, and how far the pattern stays in step. */
const PATTERNS: usize = memory.data(16 * 16, 16);
const STRIDES: usize = memory.data(16, 16);

function fillPatterns(): void {
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let lane: u32 = 0; lane < 16; lane++) {
      store<u8>(PATTERNS + (distance << 4) + lane, <u8>(lane % distance));
    }
    store<u8>(STRIDES + distance, <u8>(16 - (16 % distance)));
  }
}

fillPatterns();

/**
 * Repeats `length` (3 to 258) bytes from `distance` before `to`; returns the end. Writes up to 31 bytes past it, as
 * the output buffer allows.
 */
export function copyMatch(to: usize, distance: u32, length: u32): usize {
  const end = to + length;
  if (distance >= 16) {
    let from = to - distance;
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    if (to + 32 >= end) return end;
    do {
      from += 32;
      to += 32;
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } while (to + 32 < end);
    return end;
  }
  const lanes = v128.load(PATTERNS + (distance << 4));
  const pattern = i8x16.swizzle(v128.load(to - distance), lanes);
  const stride = <usize>load<u8>(STRIDES + distance);
  do {
    v128.store(to, pattern);
    to += stride;
  } while (to < end);
  return end;
}
