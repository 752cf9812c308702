/** Walks the frames of a Zstandard stream (RFC 8878 section 3.1) without decoding a block, for any cut of the input. */

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
/** RFC 8878 section 3.1.1.2.2. */
export const RAW_BLOCK = 0;
export const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

export type ZstdPart =
  | 'magic'
  | 'descriptor'
  | 'header'
  | 'block-header'
  | 'block'
  | 'checksum'
  | 'skip-size'
  | 'skip';

/** RFC 8878 section 3.1.1.2; the size of a run is what it unpacks to. */
export interface ZstdBlockHeader {
  readonly type: number;
  readonly size: number;
  readonly isLast: boolean;
}

/** Whether a magic number begins a frame of either kind. */
export function isZstdMagic(magic: number): boolean {
  return magic === FRAME_MAGIC || (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC;
}

export class ZstdFrames {
  /** The part being read if it is to be understood, a frame header from its magic number on. */
  readonly #bytes = new Uint8Array(LONGEST_HEADER);
  #filled = 0;
  #part: ZstdPart = 'magic';
  #left = MAGIC_SIZE;
  #frame: ZstdHeader | undefined;
  #block: ZstdBlockHeader | undefined;
  #offset = 0;

  /** The part that is being read. */
  get part(): ZstdPart {
    return this.#part;
  }

  get isPartDone(): boolean {
    return this.#left === 0;
  }

  /** The bytes so far of a part that is neither `block` nor `skip`; valid until the next is read. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#filled);
  }

  /** The frame that is being read, once its header is. */
  get frame(): ZstdHeader | undefined {
    return this.#frame;
  }

  /** The last block whose header was read. */
  get block(): ZstdBlockHeader | undefined {
    return this.#block;
  }

  /** Bytes of the stream read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes what belongs to the current part from the front of `rest`; returns its size. */
  take(rest: Uint8Array): number {
    const size = Math.min(rest.length, this.#left);
    if (this.#part !== 'block' && this.#part !== 'skip') {
      this.#bytes.set(rest.subarray(0, size), this.#filled);
      this.#filled += size;
    }
    this.#left -= size;
    this.#offset += size;
    return size;
  }

  /** Goes on from a part that is done. Throws `E_COMPRESSION` or `E_LIMIT` if it is invalid or asks for too much. */
  next(): void {
    if (this.#part === 'magic') this.#readMagic();
    else if (this.#part === 'descriptor') this.#readDescriptor();
    else if (this.#part === 'header') this.#readHeader();
    else if (this.#part === 'block-header') this.#readBlockHeader();
    else if (this.#part === 'block') this.#endBlock();
    else if (this.#part === 'skip-size') this.#enter('skip', this.#littleEndian(4));
    else this.#endFrame();
  }

  /** To be called at the end of the stream. Throws `E_TRUNCATED` within a frame. */
  finish(): void {
    if (this.#part !== 'magic' || this.#filled > 0)
      throw truncatedPacked('Zstandard', this.#offset);
  }

  #readMagic(): void {
    const magic = this.#littleEndian(4);
    if (!isZstdMagic(magic)) throw invalidPacked('no Zstandard frame', this.#offset - MAGIC_SIZE);
    if (magic === FRAME_MAGIC) this.#extend('descriptor', 1);
    else this.#enter('skip-size', 4);
  }

  #readDescriptor(): void {
    this.#extend('header', zstdFieldsSize(this.#bytes[MAGIC_SIZE]!));
  }

  #readHeader(): void {
    this.#frame = readZstdHeader(this.bytes, this.#offset);
    this.#enter('block-header', BLOCK_HEADER_SIZE);
  }

  #readBlockHeader(): void {
    const header = this.#littleEndian(BLOCK_HEADER_SIZE);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === RESERVED_BLOCK) throw invalidPacked('reserved Zstandard block', this.#offset);
    if (size > (this.#frame?.largestBlock ?? 0)) {
      throw invalidPacked('a Zstandard block is too large', this.#offset);
    }
    this.#block = { type, size, isLast: (header & 1) === 1 };
    this.#enter('block', type === RLE_BLOCK ? 1 : size);
  }

  #endBlock(): void {
    if (this.#block?.isLast !== true) this.#enter('block-header', BLOCK_HEADER_SIZE);
    else if (this.#frame?.hasChecksum) this.#enter('checksum', CHECKSUM_SIZE);
    else this.#endFrame();
  }

  #endFrame(): void {
    this.#frame = undefined;
    this.#enter('magic', MAGIC_SIZE);
  }

  #enter(part: ZstdPart, size: number): void {
    this.#filled = 0;
    this.#extend(part, size);
  }

  /** Goes on with a part that is to be understood together with the bytes before. */
  #extend(part: ZstdPart, size: number): void {
    this.#part = part;
    this.#left = size;
  }

  #littleEndian(bytes: number): number {
    return this.#bytes.subarray(0, bytes).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}
