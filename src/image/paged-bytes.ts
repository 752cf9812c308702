/** The bytes of a file for those who go to and fro in it: many small pages are kept, and memory is still bounded. */

import type { ImageBytes } from '../erofs/reader.ts';
import type { FileBytes } from './file-bytes.ts';

/** Small, since in a large image hardly any read is near the one before. */
const PAGE_BYTES = 4096;
/** 4 MiB in all: what neighbouring directories share. */
const PAGES = 1024;
const NO_PAGE = -1;

export class PagedBytes implements ImageBytes {
  readonly #file: FileBytes;
  /** A page is at its number modulo their count. */
  readonly #bytes = new Uint8Array(PAGES * PAGE_BYTES);
  readonly #numbers = new Float64Array(PAGES).fill(NO_PAGE);
  readonly #lengths = new Uint16Array(PAGES);

  constructor(file: FileBytes) {
    this.#file = file;
  }

  read(offset: number, length: number): Uint8Array {
    const number = Math.floor(offset / PAGE_BYTES);
    const at = offset - number * PAGE_BYTES;
    if (length > PAGE_BYTES) return this.#file.read(offset, length);
    if (at + length > PAGE_BYTES) return this.#file.fill(new Uint8Array(length), offset);
    const slot = number % PAGES;
    if (this.#numbers[slot] !== number) this.#load(slot, number);
    const start = slot * PAGE_BYTES;
    return this.#bytes.subarray(start + at, start + Math.min(at + length, this.#lengths[slot]!));
  }

  #load(slot: number, number: number): void {
    const start = slot * PAGE_BYTES;
    const page = this.#bytes.subarray(start, start + PAGE_BYTES);
    this.#numbers[slot] = NO_PAGE;
    this.#lengths[slot] = this.#file.fill(page, number * PAGE_BYTES).length;
    this.#numbers[slot] = number;
  }
}
