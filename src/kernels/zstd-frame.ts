/**
 * A single Zstandard frame (RFC 8878) that is whole in memory, into memory: by Node's own decoder where it has one, else
 * by ours, which also says what is wrong with a frame that Node refuses.
 */

import type { DecompressRequest } from '../erofs/decompressor.ts';
import { ErofsWasmError } from '../errors.ts';
import type { BlockOutcome, Kernels, Xxh64 } from './kernels.ts';
import type { ZstdDecoder } from './zstd.ts';
import { BlockBuffer } from './zstd-bits.ts';
import { ZstdBlocks } from './zstd-block.ts';
import { isChecksum } from './zstd-checksum.ts';
import { invalidBlock } from './zstd-error.ts';
import { ZstdFrames } from './zstd-frames.ts';
import { LARGEST_WINDOW, type ZstdHeader } from './zstd-header.ts';
import { type NativeZstdFrame, nativeZstdFrame } from './zstd-native-frame.ts';

type FrameRequest = Omit<DecompressRequest, 'algorithm'>;

/** Skippable frames, which have other magic numbers, hold nothing for a target. */
const FRAME_START = 0x28;
/** The smallest window there is (zstd.h, ZSTD_WINDOWLOG_ABSOLUTEMIN), which every bound grants. */
const SMALLEST_WINDOW = 1024;

/** Below this, starting Node's decoder takes longer than ours needs (measured with Node 22). */
const LEAST_FOR_NATIVE = 4096;

export class ZstdFrameUnpacker {
  readonly #blocks = new ZstdBlocks();
  readonly #buffer = new BlockBuffer();
  readonly #hash: Xxh64;

  readonly #native: NativeZstdFrame | undefined;

  constructor(kernels: Kernels, decoder: ZstdDecoder) {
    this.#hash = kernels.createXxh64();
    this.#native = decoder === 'auto' ? nativeZstdFrame() : undefined;
  }

  /**
   * Fills the target of `request` from the frame at the start of its source. What follows the frame is ignored. Throws
   * `E_COMPRESSION`, or `E_LIMIT` for a window above 128 MiB.
   */
  unpack(request: FrameRequest): BlockOutcome {
    const { source, target, partial } = request;
    if (partial && target.length === 0) return 'done';
    if (source.length > 0 && source[0] !== FRAME_START) return 'invalid';
    return this.#unpackNatively(request) ? 'done' : this.#unpack(request);
  }

  #unpackNatively({ source, target, partial, dictionaryBytes }: FrameRequest): boolean {
    if (this.#native === undefined || partial || target.length < LEAST_FOR_NATIVE) return false;
    const frame = wholeFrame(source, dictionaryBytes);
    return frame !== undefined && this.#native(frame, target);
  }

  #unpack({ source, target, partial, dictionaryBytes }: FrameRequest): BlockOutcome {
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
      if (part === 'header') this.#begin(frames.frame!, dictionaryBytes);
      if (frames.part === 'magic') return room.length === 0 ? 'done' : 'too short';
    }
  }

  #begin(frame: ZstdHeader, bound: number | undefined): void {
    checkWindow(frame, bound);
    this.#blocks.beginFrame(frame);
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

/** The frame at the start of `source` without what follows it; undefined where our decoder would refuse its headers. */
function wholeFrame(source: Uint8Array, bound: number | undefined): Uint8Array | undefined {
  const frames = new ZstdFrames();
  try {
    do {
      const { part } = frames;
      frames.take(source.subarray(frames.offset));
      if (!frames.isPartDone) return undefined;
      frames.next();
      if (part === 'header') checkWindow(frames.frame!, bound);
    } while (frames.part !== 'magic');
  } catch (error) {
    if (error instanceof ErofsWasmError) return undefined;
    throw error;
  }
  return source.subarray(0, frames.offset);
}

function checkWindow({ window }: ZstdHeader, bound = LARGEST_WINDOW): void {
  if (window > Math.max(bound, SMALLEST_WINDOW)) {
    throw invalidBlock(`its window of ${window} bytes is larger than the image says`);
  }
}
