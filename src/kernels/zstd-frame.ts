/** A single Zstandard frame (RFC 8878) that is whole in memory, into memory. */

import type { DecompressRequest } from '../erofs/decompressor.ts';
import type { BlockOutcome, Kernels, Xxh64 } from './kernels.ts';
import { BlockBuffer } from './zstd-bits.ts';
import { ZstdBlocks } from './zstd-block.ts';
import { isChecksum } from './zstd-checksum.ts';
import { invalidBlock } from './zstd-error.ts';
import { ZstdFrames } from './zstd-frames.ts';
import { LARGEST_WINDOW } from './zstd-header.ts';

/** Skippable frames, which have other magic numbers, hold nothing for a target. */
const FRAME_START = 0x28;
/** The smallest window there is (zstd.h, ZSTD_WINDOWLOG_ABSOLUTEMIN), which every bound grants. */
const SMALLEST_WINDOW = 1024;

export class ZstdFrameUnpacker {
  readonly #blocks = new ZstdBlocks();
  readonly #buffer = new BlockBuffer();
  readonly #hash: Xxh64;

  constructor(kernels: Kernels) {
    this.#hash = kernels.createXxh64();
  }

  /**
   * Fills the target of `request` from the frame at the start of its source. What follows the frame is ignored. Throws
   * `E_COMPRESSION`, or `E_LIMIT` for a window above 128 MiB.
   */
  unpack(request: Omit<DecompressRequest, 'algorithm'>): BlockOutcome {
    const { source, target, partial } = request;
    if (partial && target.length === 0) return 'done';
    if (source.length > 0 && source[0] !== FRAME_START) return 'invalid';
    const frames = new ZstdFrames();
    let room = target;
    for (;;) {
      const { part } = frames;
      const bytes = source.subarray(frames.offset);
      const taken = bytes.subarray(0, frames.take(bytes));
      if (!frames.isPartDone) return 'too short';
      if (part === 'block') {
        const content = this.#unpackBlock(frames, taken);
        if (content.length > room.length && !partial) return 'too long';
        room.set(content.subarray(0, room.length));
        room = room.subarray(content.length);
        if (partial && room.length === 0) return 'done';
      }
      if (part === 'checksum' && !isChecksum(frames.bytes, this.#hash)) {
        throw invalidBlock('its checksum is wrong');
      }
      frames.next();
      if (part === 'header') this.#begin(frames, request.dictionaryBytes);
      if (frames.part === 'magic') return room.length === 0 ? 'done' : 'too short';
    }
  }

  #begin(frames: ZstdFrames, bound = LARGEST_WINDOW): void {
    const { window } = frames.frame!;
    if (window > Math.max(bound, SMALLEST_WINDOW)) {
      throw invalidBlock(`its window of ${window} bytes is larger than the image says`);
    }
    this.#blocks.beginFrame(frames.frame!);
    this.#hash.reset();
  }

  #unpackBlock(frames: ZstdFrames, packed: Uint8Array): Uint8Array {
    this.#buffer.clear();
    this.#buffer.append(packed);
    const content = this.#blocks.unpack(frames.block!, this.#buffer);
    if (frames.frame!.hasChecksum) this.#hash.update(content);
    return content;
  }
}
