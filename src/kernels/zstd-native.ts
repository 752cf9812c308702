/** Node's own Zstandard decoder, there from 22.15 on, driven so that input and output stay bounded. */

import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** The part of `node:zlib` that the types of the oldest supported Node lack. */
interface ZstdModule {
  readonly createZstdDecompress?: (options: { chunkSize: number }) => Transform;
}

/** Size of the output buffers: few turns of the event loop, and still within a second-level cache. */
const CHUNK_SIZE = 256 * 1024;

/** A decoder, or undefined where Node has none. */
export function createNativeZstd(): NativeZstd | undefined {
  const { createZstdDecompress } = zlib as ZstdModule;
  return createZstdDecompress && new NativeZstd(createZstdDecompress({ chunkSize: CHUNK_SIZE }));
}

/** Takes one piece at a time, none of which may go beyond the end of a frame: Node drops what follows it. */
export class NativeZstd {
  readonly #stream: Transform;
  #isWritten = false;
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(stream: Transform) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    stream.on('close', () => this.#finish(new Error('the decoder has closed')));
    stream.on('error', (error) => this.#finish(error));
  }

  /** Unpacks `bytes`, which may be reused afterwards. Throws the errors of `node:zlib`. */
  async *push(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    this.#isWritten = false;
    this.#stream.write(bytes, (error) => this.#finish(error ?? undefined));
    for (;;) {
      const isWritten = this.#isWritten;
      const chunk: Uint8Array | null = this.#stream.read();
      if (chunk !== null) yield chunk;
      else if (this.#error) throw this.#error;
      else if (isWritten) return;
      else await this.#change();
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  #finish(error: Error | undefined): void {
    this.#isWritten = true;
    this.#error ??= error;
    this.#wake();
  }

  /** Resolves at the next event; none can come between the check before and this call. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
