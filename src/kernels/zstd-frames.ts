/**
 * Walks the frames of a Zstandard stream (RFC 8878 section 3.1) without decoding a block: finds their ends and drops
 * skippable frames, which pzstd and zstd:chunked write. No decoder at hand does both for any cut of the input.
 */

import { invalidPacked, truncatedPacked } from './packed-error.ts';
import { readZstdHeader, type ZstdHeader, zstdFieldsSize } from './zstd-header.ts';

const FRAME_MAGIC = 0xfd2fb528;
/** RFC 8878 section 3.1.2: sixteen magic numbers, by the last four bits. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const MAGIC_SIZE = 4;
const BLOCK_HEADER_SIZE = 3;
const CHECKSUM_SIZE = 4;
const LONGEST_HEADER = 18;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** Bytes of one frame; the header comes in one piece. */
export interface ZstdPiece {
  readonly bytes: Uint8Array;
  readonly endsFrame: boolean;
}

type Part =
  | 'magic'
  | 'descriptor'
  | 'header'
  | 'block-header'
  | 'block'
  | 'checksum'
  | 'skip-size'
  | 'skip';

/** Whether a magic number begins a frame of either kind. */
export function isZstdMagic(magic: number): boolean {
  return magic === FRAME_MAGIC || (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC;
}

export class ZstdFrames {
  readonly #cutAtBlocks: boolean;
  /** The part being read if it is to be understood, a frame header from its magic number on. */
  readonly #bytes = new Uint8Array(LONGEST_HEADER);
  #filled = 0;
  #part: Part = 'magic';
  #left = MAGIC_SIZE;
  #frame: ZstdHeader | undefined;
  #isLastBlock = false;
  #offset = 0;

  /** With `cutAtBlocks` no piece ends more than one block, which bounds what a piece unpacks to. */
  constructor(cutAtBlocks: boolean) {
    this.#cutAtBlocks = cutAtBlocks;
  }

  /**
   * Cuts the next packed bytes at the ends of frames; pieces are views of `chunk`, or copies. Throws `E_COMPRESSION`
   * or `E_LIMIT` on frames that are invalid or need too much.
   */
  *split(chunk: Uint8Array): Generator<ZstdPiece, void, undefined> {
    let at = 0;
    let start = 0;
    while (at < chunk.length) {
      at += this.#read(chunk.subarray(at));
      while (this.#left === 0) {
        const done = this.#part;
        const header = this.#bytes.subarray(0, this.#filled);
        this.#finishPart();
        if (done === 'header') {
          start = Math.max(0, at - header.length);
          if (at < header.length) yield { bytes: header.slice(), endsFrame: false };
          if (at < header.length) start = at;
        }
        const endsFrame = this.#part === 'magic' && done !== 'skip';
        if (endsFrame || (this.#cutAtBlocks && done === 'block')) {
          yield { bytes: chunk.subarray(start, at), endsFrame };
          start = at;
        }
      }
    }
    if (this.#frame && start < at) yield { bytes: chunk.subarray(start, at), endsFrame: false };
  }

  /** To be called at the end of the stream. Throws `E_TRUNCATED` within a frame. */
  finish(): void {
    if (this.#part !== 'magic' || this.#filled > 0)
      throw truncatedPacked('Zstandard', this.#offset);
  }

  /** Takes what belongs to the current part; returns its size. */
  #read(rest: Uint8Array): number {
    const part = rest.subarray(0, this.#left);
    if (this.#part !== 'block' && this.#part !== 'skip') {
      this.#bytes.set(part, this.#filled);
      this.#filled += part.length;
    }
    this.#left -= part.length;
    this.#offset += part.length;
    return part.length;
  }

  #finishPart(): void {
    if (this.#part === 'magic') this.#readMagic();
    else if (this.#part === 'descriptor') this.#readDescriptor();
    else if (this.#part === 'header') this.#readHeader();
    else if (this.#part === 'block-header') this.#readBlockHeader();
    else if (this.#part === 'block') this.#endBlock();
    else if (this.#part === 'skip-size') this.#enter('skip', this.#littleEndian(4));
    else this.#endFrame();
  }

  #readDescriptor(): void {
    this.#extend('header', zstdFieldsSize(this.#bytes[MAGIC_SIZE]!));
  }

  #readHeader(): void {
    this.#frame = readZstdHeader(this.#bytes.subarray(0, this.#filled), this.#offset);
    this.#enter('block-header', BLOCK_HEADER_SIZE);
  }

  #readMagic(): void {
    const magic = this.#littleEndian(4);
    if (!isZstdMagic(magic)) throw invalidPacked('no Zstandard frame', this.#offset - MAGIC_SIZE);
    if (magic === FRAME_MAGIC) this.#extend('descriptor', 1);
    else this.#enter('skip-size', 4);
  }

  /** RFC 8878 section 3.1.1.2: last block, type, size; a run has one byte, and its size is what it unpacks to. */
  #readBlockHeader(): void {
    const header = this.#littleEndian(BLOCK_HEADER_SIZE);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === RESERVED_BLOCK) throw invalidPacked('reserved Zstandard block', this.#offset);
    if (size > (this.#frame?.largestBlock ?? 0)) {
      throw invalidPacked('a Zstandard block is too large', this.#offset);
    }
    this.#isLastBlock = (header & 1) === 1;
    this.#enter('block', type === RLE_BLOCK ? 1 : size);
  }

  #endBlock(): void {
    if (!this.#isLastBlock) this.#enter('block-header', BLOCK_HEADER_SIZE);
    else if (this.#frame?.hasChecksum) this.#enter('checksum', CHECKSUM_SIZE);
    else this.#endFrame();
  }

  #endFrame(): void {
    this.#frame = undefined;
    this.#enter('magic', MAGIC_SIZE);
  }

  #enter(part: Part, size: number): void {
    this.#filled = 0;
    this.#extend(part, size);
  }

  /** Goes on with a part that is to be understood together with the bytes before. */
  #extend(part: Part, size: number): void {
    this.#part = part;
    this.#left = size;
  }

  #littleEndian(bytes: number): number {
    return this.#bytes.subarray(0, bytes).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}
