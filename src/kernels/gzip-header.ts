/** Headers of gzip members (RFC 1952 section 2.3): checked as they come; names and extra fields skipped, not kept. */

import { ErofsWasmError } from '../errors.ts';
import type { Kernels } from './kernels.ts';

export const GZIP_MAGIC: readonly [number, number] = [0x1f, 0x8b];
const METHOD_DEFLATE = 8;
const RESERVED_FLAGS = 0xe0;
const FIXED_SIZE = 10;

type Field = 'fixed' | 'extra-size' | 'extra' | 'name' | 'comment' | 'crc' | 'done';

/** The fields after the fixed ones, in their order, each there if its flag is set. */
const OPTIONAL_FIELDS: readonly { readonly field: Field; readonly flag: number }[] = [
  { field: 'extra-size', flag: 4 },
  { field: 'extra', flag: 4 },
  { field: 'name', flag: 8 },
  { field: 'comment', flag: 16 },
  { field: 'crc', flag: 2 },
];

export class GzipHeader {
  readonly #kernels: Kernels;
  /** A field of known size while it comes. */
  readonly #bytes = new Uint8Array(FIXED_SIZE);
  #filled = 0;
  #field: Field = 'fixed';
  #flags = 0;
  #extraLeft = 0;
  #crc = 0;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  get isDone(): boolean {
    return this.#field === 'done';
  }

  reset(): void {
    this.#field = 'fixed';
    this.#filled = 0;
    this.#flags = 0;
    this.#crc = 0;
  }

  /** Reads on; returns how many bytes of `input` belong to the header. Throws `E_COMPRESSION`, without a place. */
  push(input: Uint8Array): number {
    let at = 0;
    while (at < input.length && !this.isDone) {
      const rest = input.subarray(at);
      if (this.#field === 'crc') {
        at += this.#collect(rest, 2, () => this.#checkCrc());
      } else {
        const size = this.#readField(rest);
        this.#crc = this.#kernels.crc32(rest.subarray(0, size), this.#crc);
        at += size;
      }
    }
    return at;
  }

  #readField(input: Uint8Array): number {
    switch (this.#field) {
      case 'fixed':
        return this.#collect(input, FIXED_SIZE, () => this.#readFixed());
      case 'extra-size':
        return this.#collect(input, 2, () => this.#readExtraSize());
      case 'extra':
        return this.#skipExtra(input);
      default:
        return this.#skipText(input);
    }
  }

  /** Gathers a field of `size` bytes; once it is there, reads it and goes on to the next. */
  #collect(input: Uint8Array, size: number, read: () => void): number {
    const part = input.subarray(0, size - this.#filled);
    this.#bytes.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === size) {
      this.#filled = 0;
      read();
      this.#advance();
    }
    return part.length;
  }

  #skipExtra(input: Uint8Array): number {
    const size = Math.min(this.#extraLeft, input.length);
    this.#extraLeft -= size;
    if (this.#extraLeft === 0) this.#advance();
    return size;
  }

  /** A name or comment, which a zero ends. */
  #skipText(input: Uint8Array): number {
    const end = input.indexOf(0);
    if (end < 0) return input.length;
    this.#advance();
    return end + 1;
  }

  #advance(): void {
    const here = OPTIONAL_FIELDS.findIndex(({ field }) => field === this.#field);
    const next = OPTIONAL_FIELDS.slice(here + 1).find(({ flag }) => (this.#flags & flag) !== 0);
    this.#field = next?.field ?? 'done';
  }

  #readFixed(): void {
    const [id1, id2, method, flags] = this.#bytes as unknown as [number, number, number, number];
    if (id1 !== GZIP_MAGIC[0] || id2 !== GZIP_MAGIC[1]) throw headerError('no gzip header');
    if (method !== METHOD_DEFLATE) throw headerError(`unknown gzip compression method: ${method}`);
    if ((flags & RESERVED_FLAGS) !== 0) throw headerError('reserved flags in a gzip header');
    this.#flags = flags;
  }

  #readExtraSize(): void {
    this.#extraLeft = this.#bytes[0]! | (this.#bytes[1]! << 8);
  }

  /** RFC 1952 section 2.3.1: the lower half of the CRC-32 of all header bytes before. */
  #checkCrc(): void {
    const stored = this.#bytes[0]! | (this.#bytes[1]! << 8);
    if (stored !== (this.#crc & 0xffff)) throw headerError('wrong checksum of a gzip header');
  }
}

function headerError(summary: string): ErofsWasmError {
  return new ErofsWasmError('E_COMPRESSION', summary);
}
