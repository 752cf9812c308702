/** The byte work that has two implementations: WASM, and the TypeScript reference that is its oracle and fallback. */

import type { OutputRoom } from './shared-memory.ts';

/** What an inflater reports after a push. */
export interface InflateStep {
  /** Bytes of the input that were used; less than all of it only when the stream has ended. */
  readonly consumed: number;
  /** True once the final block of the DEFLATE stream has been decoded. */
  readonly ended: boolean;
}

/** A streaming raw DEFLATE decoder (RFC 1951) for one stream at a time. */
export interface Inflater {
  /** Bytes of the stream read so far; where it is broken, after an error. */
  readonly offset: number;
  /**
   * Decodes `input` and hands the output to `emit` in pieces, each a view that is valid only inside the call. Some of
   * it may be held back for a later push, but nothing once the stream has ended.
   * Throws `E_COMPRESSION` on an invalid stream.
   */
  push(input: Uint8Array, emit: (output: Uint8Array) => void): InflateStep;
  /** As {@link push}, at the reader's pace: each piece is valid until the next one is asked for. */
  pieces(input: Uint8Array): Generator<Uint8Array, InflateStep, undefined>;
  /** Starts anew for the next stream. */
  reset(): void;
  /** Gives the memory back to the kernels for another inflater; this one must not be used any more. */
  close(): void;
}

/** XXH64 with seed 0 of a stream (xxHash specification 0.1.1). Any number of these may be in use at once. */
export interface Xxh64 {
  /** Starts anew. */
  reset(): void;
  update(bytes: Uint8Array): void;
  /** The hash of all bytes since the start, unsigned; more may follow. */
  digest(): bigint;
}

/** Entries of directory blocks, flat: names and numbers of all entries one after another, in order. */
export interface DirentBlocks {
  readonly blockSize: number;
  /** Entries in each block; the sum is the length of the other columns. */
  readonly counts: Uint16Array;
  /** Length of each name, 1 to 255. */
  readonly nameLengths: Uint8Array;
  /** EROFS file type of each entry, 1 to 7. */
  readonly fileTypes: Uint8Array;
  /** NID of each entry, an integer below 2^53. */
  readonly nids: Float64Array;
  /** The names, concatenated. */
  readonly names: Uint8Array;
}

/**
 * What came of a compressed block: `too short` where its source or what it yields ends before the target is full,
 * `too long` where it goes on behind that.
 */
export type BlockOutcome = 'done' | 'invalid' | 'too short' | 'too long';

/**
 * Undoes the compression of blocks that are whole in memory. Each fills `target` and writes nowhere else; what is in
 * it after another outcome than `done` means nothing. Where `partial`, the rest of the block is not looked at.
 */
export interface BlockUnpacker {
  /** An LZ4 block, which ends where `source` does. */
  lz4(source: Uint8Array, target: Uint8Array, partial: boolean): BlockOutcome;
  /** A MicroLZMA stream, which ends where `source` does, with distances up to `dictionary` bytes. */
  lzma(source: Uint8Array, target: Uint8Array, partial: boolean, dictionary: number): BlockOutcome;
  /** A raw DEFLATE stream; what follows it in `source` is ignored. */
  deflate(source: Uint8Array, target: Uint8Array, partial: boolean): BlockOutcome;
}

export interface Kernels {
  readonly name: 'wasm' | 'reference';
  /** CRC-32 (IEEE 802.3, as in gzip) of `bytes`, continuing from `seed`; unsigned. */
  crc32(bytes: Uint8Array, seed?: number): number;
  /** CRC-32C register after `bytes`, starting from `register`, with no inversion before or after; unsigned. */
  crc32c(bytes: Uint8Array, register: number): number;
  /** Puts its output into `room`, where it can; otherwise into memory of its own. */
  createInflater(room?: OutputRoom): Inflater;
  createXxh64(): Xxh64;
  /** Writes each block of `blocks` into `out` (`counts.length * blockSize` bytes), zero-padded. */
  packDirents(blocks: DirentBlocks, out: Uint8Array): void;
  createBlockUnpacker(): BlockUnpacker;
}
