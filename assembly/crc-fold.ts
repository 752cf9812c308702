/**
 * Long input of CRC-32 folded onto its end with exclusive-or alone, as in Russell, "Chorba" (arXiv 2412.16398): with
 * y = x^128, the generator P divides y^300 + y^155 + y^117 + y^89 + 1, since it divides the same sum in x, and
 * P(x^128) = P(x)^128 over GF(2). So a 16-byte chunk may be added to the chunks 145, 183, 211 and 300 behind it.
 */

/** Distances in bytes; the longest is also what is left when all is folded. */
export const REACH: usize = 300 * 16;
const NEAR: usize = 145 * 16;
const MIDDLE: usize = 183 * 16;
const FAR: usize = 211 * 16;

/** Below this the fixed cost of the last chunks outweighs the gain; by measurement. */
export const LONG_SIZE: u32 = 12 * 1024;

/** Bytes of one turn of the loop below. */
export const FOLD_STEP: u32 = 64;
/** Bytes folded before the history moves down: keeps the whole buffer in a first-level cache. */
const PASS: usize = 720 * 16;
/** The last chunks folded so far, then room for a pass. */
const HISTORY: usize = memory.data((300 + 720) * 16, 64);
const FOLDED: usize = memory.data(300 * 16, 64);

/** The chunk at `from` plus all that was folded onto it; `to` is its place in the history. */
function foldedChunk(from: usize, to: usize): v128 {
  const near = v128.xor(v128.load(from), v128.load(to - NEAR));
  const far = v128.xor(v128.load(to - MIDDLE), v128.load(to - FAR));
  return v128.xor(v128.xor(near, far), v128.load(to - REACH));
}

/** Folds `size` bytes (a multiple of 64) and leaves the last REACH bytes at the start of the history. */
function foldPass(from: usize, size: usize): void {
  let to = HISTORY + REACH;
  const end = to + size;
  while (to < end) {
    v128.store(to, foldedChunk(from, to));
    v128.store(to, foldedChunk(from + 16, to + 16), 16);
    v128.store(to, foldedChunk(from + 32, to + 32), 32);
    v128.store(to, foldedChunk(from + 48, to + 48), 48);
    from += 64;
    to += 64;
  }
  memory.copy(HISTORY, HISTORY + size, REACH);
}

/** Folds onto the last REACH bytes; what would reach further back than the history adds nothing. */
function foldEnd(from: usize): void {
  memory.fill(HISTORY + REACH, 0, REACH);
  for (let offset: usize = 0; offset < REACH; offset += 16) {
    v128.store(FOLDED + offset, foldedChunk(from + offset, HISTORY + REACH + offset));
  }
}

/**
 * Folds `size` bytes (REACH plus a multiple of FOLD_STEP) after `register`. Returns the address of REACH bytes that,
 * with a register of zero, leave the same register.
 */
export function foldLong(register: u32, from: usize, size: usize): usize {
  memory.fill(HISTORY, 0, REACH);
  store<u32>(HISTORY, register);
  let left = size - REACH;
  while (left > 0) {
    const pass = min(left, PASS);
    foldPass(from, pass);
    from += pass;
    left -= pass;
  }
  foldEnd(from);
  return FOLDED;
}
