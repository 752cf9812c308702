/** A packed Zstandard block in memory, and reading it bit by bit (RFC 8878 section 4). */

import { invalidBlock } from './zstd-error.ts';
import { LARGEST_BLOCK } from './zstd-header.ts';

/**
 * Bytes before and behind the content, so that a read may begin before or end behind a bitstream and be checked
 * afterwards. Between two checks, a sequence takes 85 bits, and zeros in the description of a table take 22 bytes.
 */
export const BLOCK_PADDING = 32;
/** A read of four bytes that begins anywhere in a byte has this many bits. */
export const MOST_BITS = 25;

/** Part of a block: byte positions in a {@link BlockBuffer}. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

/** Room for the content of one block, filled piece by piece. */
export class BlockBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #end = BLOCK_PADDING;

  constructor() {
    this.bytes = new Uint8Array(LARGEST_BLOCK + 2 * BLOCK_PADDING);
    this.view = new DataView(this.bytes.buffer);
  }

  get content(): BlockRange {
    return { start: BLOCK_PADDING, end: this.#end };
  }

  clear(): void {
    this.#end = BLOCK_PADDING;
  }

  /** Appends a piece; all pieces together have at most 128 KiB. */
  append(piece: Uint8Array): void {
    this.bytes.set(piece, this.#end);
    this.#end += piece.length;
  }
}

/** `count` bits, 0 to 25, from bit position `at` of the view on, lowest first. */
export function bitsAt(view: DataView, at: number, count: number): number {
  return (view.getInt32(at >> 3, true) >>> (at & 7)) & ((1 << count) - 1);
}

/** As {@link bitsAt} for up to 30 bits. */
export function longBitsAt(view: DataView, at: number, count: number): number {
  if (count <= MOST_BITS) return bitsAt(view, at, count);
  return (bitsAt(view, at + 16, count - 16) << 16) | bitsAt(view, at, 16);
}

/** Position behind the last bit of a bitstream that is read backwards: the highest bit set only marks its end. */
export function lastBitPosition(bytes: Uint8Array, { start, end }: BlockRange): number {
  const last = end > start ? bytes[end - 1]! : 0;
  if (last === 0) throw invalidBlock('a bitstream has no end');
  return end * 8 - 1 - (Math.clz32(last) - 24);
}
