/**
 * LZ4 blocks in TypeScript (lz4 doc/lz4_Block_format.md). Accepts what the kernel accepts, whose
 * z_erofs_lz4_decompress_mem (Linux fs/erofs/decompressor.c) calls LZ4_decompress_safe or, for a part, its variant.
 */

import { copyMatch } from './copy-match.ts';
import type { BlockOutcome } from './kernels.ts';

/** The largest length that a token holds; more follows in bytes of their own. */
const TOKEN_LENGTH = 15;
const SHORTEST_MATCH = 4;
/** The specification's conditions at the end of a block: where the last match may start, and where it must end. */
const LAST_MATCH_START = 12;
const LAST_LITERALS = 5;
/** Up to here a loop is faster than a call of the engine's own copy. */
const SHORT_COPY = 24;

/** As {@link BlockUnpacker.lz4}. */
export function unpackLz4Reference(
  source: Uint8Array,
  target: Uint8Array,
  partial: boolean,
): BlockOutcome {
  const end = source.length;
  const limit = target.length;
  const lastStart = partial ? limit : limit - LAST_MATCH_START;
  const lastEnd = partial ? Number.MAX_SAFE_INTEGER : limit - LAST_LITERALS;
  let from = 0;
  let at = 0;
  if (partial && limit === 0) return 'done';
  while (from < end) {
    const token = source[from++]!;
    let literals = token >> 4;
    if (literals === TOKEN_LENGTH) {
      const last = endOfLength(source, from);
      literals = longLength(source, from, last);
      from = last + 1;
    }
    if (literals > limit - at) {
      if (!partial) return 'too long';
      literals = limit - at;
    }
    if (literals > end - from) return 'too short';
    if (literals <= SHORT_COPY) {
      for (let i = 0; i < literals; i++) target[at + i] = source[from + i]!;
    } else {
      target.set(source.subarray(from, from + literals), at);
    }
    from += literals;
    at += literals;
    if (partial ? at === limit : from === end) return at === limit ? 'done' : 'too short';
    if (end - from < 2) return 'too short';
    const distance = source[from]! | (source[from + 1]! << 8);
    from += 2;
    if (distance === 0 || distance > at || at > lastStart) return 'invalid';
    let length = (token & TOKEN_LENGTH) + SHORTEST_MATCH;
    if (length === TOKEN_LENGTH + SHORTEST_MATCH) {
      const last = endOfLength(source, from);
      length = longLength(source, from, last) + SHORTEST_MATCH;
      from = last + 1;
    }
    if (from > end) return 'too short';
    if (at + length > lastEnd) return at + length > limit ? 'too long' : 'invalid';
    if (length > limit - at) length = limit - at;
    copyMatch(target, at, distance, length);
    at += length;
    if (partial && at === limit) return 'done';
  }
  return 'too short';
}

/** Position of the byte that ends a length, the first below 255; the end of the source where there is none. */
function endOfLength(source: Uint8Array, from: number): number {
  let at = from;
  while (source[at] === 255) at++;
  return at;
}

/** A length whose last byte is at `last`; at most 255 times the size of the source. */
function longLength(source: Uint8Array, from: number, last: number): number {
  return TOKEN_LENGTH + (last - from) * 255 + (source[last] ?? 0);
}
