/** Zstandard in TypeScript, where Node has no decoder of its own. */

import { ErofsWasmError } from '../errors.ts';
import type { Kernels, Xxh64 } from './kernels.ts';
import { invalidPacked } from './packed-error.ts';
import { BlockBuffer } from './zstd-bits.ts';
import { ZstdBlocks } from './zstd-block.ts';
import { isChecksum } from './zstd-checksum.ts';
import { ZstdFrames } from './zstd-frames.ts';

export class ScriptZstd {
  readonly #frames = new ZstdFrames();
  readonly #buffer = new BlockBuffer();
  readonly #blocks = new ZstdBlocks();
  readonly #hash: Xxh64;

  constructor(kernels: Kernels) {
    this.#hash = kernels.createXxh64();
  }

  /**
   * Unpacks the next packed bytes, a block at a time; each piece is valid until the next is asked for. Throws
   * `E_COMPRESSION` for an invalid stream or `E_LIMIT` for one that asks for too much.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      const rest = chunk.subarray(at);
      const isBlock = this.#frames.part === 'block';
      const size = this.#frames.take(rest);
      if (isBlock) this.#buffer.append(rest.subarray(0, size));
      at += size;
      while (this.#frames.isPartDone) {
        const content = this.#finishPart();
        if (content !== undefined && content.length > 0) yield content;
      }
    }
  }

  /** To be called at the end of the packed bytes. Throws `E_TRUNCATED` within a frame. */
  finish(): void {
    this.#frames.finish();
  }

  #finishPart(): Uint8Array | undefined {
    const done = this.#frames.part;
    const content = done === 'block' ? this.#unpack() : undefined;
    if (done === 'checksum') this.#checkSum();
    this.#frames.next();
    if (done === 'header') this.#beginFrame();
    if (done === 'block-header') this.#buffer.clear();
    return content;
  }

  #beginFrame(): void {
    this.#blocks.beginFrame(this.#frames.frame!);
    this.#hash.reset();
  }

  #unpack(): Uint8Array {
    const content = this.#unpackBlock();
    if (this.#frames.frame!.hasChecksum) this.#hash.update(content);
    return content;
  }

  #checkSum(): void {
    if (!isChecksum(this.#frames.bytes, this.#hash)) {
      throw invalidPacked('the checksum of a Zstandard frame is wrong', this.#frames.offset);
    }
  }

  #unpackBlock(): Uint8Array {
    try {
      return this.#blocks.unpack(this.#frames.block!, this.#buffer);
    } catch (error) {
      if (!(error instanceof ErofsWasmError)) throw error;
      throw invalidPacked(error.summary, this.#frames.offset);
    }
  }
}
