/** The bytes of a file, read where they are asked for through some windows: memory does not grow with the file. */

import { closeSync, openSync, readSync } from 'node:fs';
import type { ImageBytes } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';

/** Metadata is dense, so that most of its reads are served from the one before. */
const WINDOW_BYTES = 64 * 1024;
/** A walk goes to and fro between inodes, directories, attributes, maps and content. */
const WINDOWS = 16;
/** The longest piece of content, and the longest compressed cluster. */
const LONGEST_KEPT = 1 << 20;

interface Window {
  readonly bytes: Uint8Array;
  start: number;
  length: number;
}

export class FileBytes implements ImageBytes {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #base: number;
  /** The one used last comes first. */
  readonly #windows: Window[] = [];
  #long: Uint8Array | undefined;

  /** The bytes from `base` on. Throws `E_NOT_FOUND` or `E_SOURCE` where the file cannot be opened. */
  constructor(path: string, base = 0) {
    this.#path = path;
    this.#base = base;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (cause) {
      throw this.#failure('opened', cause);
    }
  }

  read(offset: number, length: number): Uint8Array {
    if (length > WINDOW_BYTES) return this.#readLong(offset, length);
    const window = this.#windowAt(offset, length);
    const at = offset - window.start;
    return window.bytes.subarray(at, Math.min(at + length, window.length));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Content comes in long pieces, all in the same memory; what is longer still is rare and gets its own. */
  #readLong(offset: number, length: number): Uint8Array {
    if (length > LONGEST_KEPT) return this.fill(new Uint8Array(length), offset);
    this.#long ??= new Uint8Array(LONGEST_KEPT);
    return this.fill(this.#long.subarray(0, length), offset);
  }

  #windowAt(offset: number, length: number): Window {
    const found = this.#windows.findIndex(
      ({ start, length: filled }) => offset >= start && offset + length <= start + filled,
    );
    if (found === 0) return this.#windows[0]!;
    const window = found > 0 ? this.#windows.splice(found, 1)[0]! : this.#refill(offset);
    this.#windows.unshift(window);
    return window;
  }

  /** A new window, or the one that has not been used for longest. */
  #refill(offset: number): Window {
    const isFull = this.#windows.length === WINDOWS;
    const { bytes } = (isFull && this.#windows.pop()) || { bytes: new Uint8Array(WINDOW_BYTES) };
    return { bytes, start: offset, length: this.fill(bytes, offset).length };
  }

  /** Reads into `target` from `offset` on, past all windows; the part of it that there are bytes for. */
  fill(target: Uint8Array, offset: number): Uint8Array {
    const at = this.#base + offset;
    let done = 0;
    try {
      while (done < target.length) {
        const count = readSync(this.#descriptor, target, done, target.length - done, at + done);
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
