/** The blocks of a Zstandard frame (RFC 8878 sections 3.1.1.2 and 3.1.1.3). */

import type { BlockBuffer } from './zstd-bits.ts';
import { invalidBlock } from './zstd-error.ts';
import { RAW_BLOCK, RLE_BLOCK, type ZstdBlockHeader } from './zstd-frames.ts';
import type { ZstdHeader } from './zstd-header.ts';
import { ZstdLiterals } from './zstd-literals.ts';
import { ZstdSequences } from './zstd-sequences.ts';
import { ZstdWindow } from './zstd-window.ts';

/** Unpacks block after block; all memory is kept from frame to frame. */
export class ZstdBlocks {
  readonly #literals = new ZstdLiterals();
  readonly #sequences = new ZstdSequences();
  readonly #window = new ZstdWindow();
  #frame: ZstdHeader | undefined;

  beginFrame(frame: ZstdHeader): void {
    this.#frame = frame;
    this.#literals.beginFrame();
    this.#sequences.beginFrame();
    this.#window.beginFrame(frame);
  }

  /**
   * Unpacks the block in `buffer` to at most 128 KiB, valid until the next block. Throws `E_COMPRESSION` if it is
   * invalid, or where the frame does not have the size it says.
   */
  unpack(header: ZstdBlockHeader, buffer: BlockBuffer): Uint8Array {
    const content = this.#unpack(header, buffer);
    const { contentSize } = this.#frame!;
    if (contentSize !== undefined) {
      const { produced } = this.#window;
      if (produced > contentSize || (header.isLast && produced < contentSize)) {
        throw invalidBlock(`the frame has ${produced} bytes instead of ${contentSize}`);
      }
    }
    return content;
  }

  #unpack({ type, size }: ZstdBlockHeader, buffer: BlockBuffer): Uint8Array {
    const { start, end } = buffer.content;
    // A packed block of no bytes is an empty one to zstd.
    if (type === RAW_BLOCK || size === 0) {
      return this.#window.append(buffer.bytes.subarray(start, start + size));
    }
    if (type === RLE_BLOCK) return this.#window.repeat(buffer.bytes[start]!, size);
    const { largestBlock } = this.#frame!;
    const next = this.#literals.read(buffer, { start, end }, largestBlock);
    this.#sequences.read(buffer, { start: next, end }, this.#literals.size, largestBlock);
    return this.#window.execute(this.#sequences, this.#literals);
  }
}
