/**
 * Keeps the bytes that will stand behind inodes (tails, link targets, chunk maps) until the inodes are written:
 * in memory up to a budget, beyond it in a file that has no name.
 */

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { ErofsWasmError } from '../errors.ts';
import { temporaryPath } from './temporary.ts';

/** Unit of spilling and of reading back. */
const PAGE_BYTES = 1024 * 1024;

export class SuffixStore {
  readonly #output: string;
  readonly #pagesInMemory: number;
  readonly #pages = new Map<number, Uint8Array>();
  #length = 0;
  #spilled = 0;
  #file: number | undefined;
  #lastRead: { page: number; bytes: Uint8Array } | undefined;

  /** Spills beside `output` once more than `budget` bytes are held. */
  constructor(output: string, budget: number) {
    this.#output = output;
    this.#pagesInMemory = Math.max(2, Math.floor(budget / PAGE_BYTES));
  }

  /** Keeps a copy of `bytes`; returns the offset to find it at. */
  append(bytes: Uint8Array): number {
    const offset = this.#length;
    for (let done = 0; done < bytes.length; ) {
      const within = this.#length % PAGE_BYTES;
      const part = bytes.subarray(done, done + PAGE_BYTES - within);
      this.#currentPage().set(part, within);
      this.#length += part.length;
      done += part.length;
    }
    return offset;
  }

  /** Copies `target.length` bytes from `offset` into `target`. */
  read(offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const at = offset + done;
      const within = at % PAGE_BYTES;
      const part = this.#page(Math.floor(at / PAGE_BYTES)).subarray(
        within,
        within + target.length - done,
      );
      target.set(part, done);
      done += part.length;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#pages.clear();
  }

  #currentPage(): Uint8Array {
    const number = Math.floor(this.#length / PAGE_BYTES);
    let page = this.#pages.get(number);
    if (page === undefined) {
      if (this.#pages.size >= this.#pagesInMemory) this.#spill();
      page = new Uint8Array(PAGE_BYTES);
      this.#pages.set(number, page);
    }
    return page;
  }

  /** Pages go to the file in order, so a page's place there is its number. */
  #spill(): void {
    const page = this.#pages.get(this.#spilled)!;
    try {
      this.#file ??= openNameless(this.#output);
      for (let done = 0; done < PAGE_BYTES; ) {
        const at = this.#spilled * PAGE_BYTES + done;
        done += writeSync(this.#file, page, done, PAGE_BYTES - done, at);
      }
    } catch (cause) {
      throw new ErofsWasmError('E_OUTPUT', 'cannot write a temporary file', {
        place: this.#output,
        hint: 'the folder of the output needs room for the tails of small files',
        cause,
      });
    }
    this.#pages.delete(this.#spilled);
    this.#spilled++;
  }

  #page(number: number): Uint8Array {
    const held = this.#pages.get(number);
    if (held !== undefined) return held;
    if (this.#lastRead?.page !== number) {
      const bytes = this.#lastRead?.bytes ?? new Uint8Array(PAGE_BYTES);
      for (let done = 0; done < PAGE_BYTES; ) {
        const at = number * PAGE_BYTES + done;
        const count = readSync(this.#file!, bytes, done, PAGE_BYTES - done, at);
        if (count === 0) throw new ErofsWasmError('E_OUTPUT', 'a temporary file was cut short');
        done += count;
      }
      this.#lastRead = { page: number, bytes };
    }
    return this.#lastRead.bytes;
  }
}

/** A file that is gone as soon as it is closed, however the process ends. */
function openNameless(output: string): number {
  const path = temporaryPath(output, 'spill');
  const file = openSync(path, 'wx+', 0o600);
  rmSync(path);
  return file;
}
