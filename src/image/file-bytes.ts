/** The bytes of a file, read where they are asked for through one small window: memory does not grow with the file. */

import { closeSync, openSync, readSync } from 'node:fs';
import type { ImageBytes } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';

/** Metadata is dense, so that most of its reads are served from the one before. */
const WINDOW_BYTES = 64 * 1024;

export class FileBytes implements ImageBytes {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  /** Throws `E_SOURCE` where the file cannot be opened. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (cause) {
      throw this.#failure('opened', cause);
    }
  }

  read(offset: number, length: number): Uint8Array {
    if (length > WINDOW_BYTES) return this.#fill(new Uint8Array(length), offset);
    if (offset < this.#start || offset + length > this.#start + this.#length) {
      this.#length = this.#fill(this.#window, offset).length;
      this.#start = offset;
    }
    const at = offset - this.#start;
    return this.#window.subarray(at, Math.min(at + length, this.#length));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #fill(target: Uint8Array, offset: number): Uint8Array {
    let done = 0;
    try {
      while (done < target.length) {
        const count = readSync(this.#descriptor, target, done, target.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
    } catch (cause) {
      throw this.#failure('read', cause);
    }
    return target.subarray(0, done);
  }

  #failure(what: string, cause: unknown): ErofsWasmError {
    const code = (cause as NodeJS.ErrnoException).code;
    return new ErofsWasmError(
      code === 'ENOENT' ? 'E_NOT_FOUND' : 'E_SOURCE',
      `the image cannot be ${what}${code ? `: ${code}` : ''}`,
      { place: this.#path, hint: 'give the name of a file with an EROFS image', cause },
    );
  }
}
