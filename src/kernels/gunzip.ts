/** gzip streams (RFC 1952): members one after another, each checked against its CRC-32 and size. */

import { ErofsWasmError } from '../errors.ts';
import { GZIP_MAGIC, GzipHeader } from './gzip-header.ts';
import type { Inflater, Kernels } from './kernels.ts';
import { invalidPacked, truncatedPacked } from './packed-error.ts';
import type { OutputRoom } from './shared-memory.ts';

/**
 * Where the stream is. Behind a member come another member, zeros to the end (padding of tapes), or garbage: what
 * is no member is ignored, as by gzip(1), since the digest of the stream decides whether it belongs there.
 */
type State = 'header' | 'data' | 'trailer' | 'between' | 'padding' | 'garbage';

const TRAILER_SIZE = 8;

export class Gunzip {
  readonly #kernels: Kernels;
  readonly #inflater: Inflater;
  readonly #header: GzipHeader;
  readonly #trailer = new Uint8Array(TRAILER_SIZE);
  #state: State = 'header';
  #filled = 0;
  #crc = 0;
  #size = 0;
  /** Packed bytes read so far. */
  #offset = 0;

  /** The pieces may lie in `room`, see {@link Kernels.createInflater}. */
  constructor(kernels: Kernels, room?: OutputRoom) {
    this.#kernels = kernels;
    this.#inflater = kernels.createInflater(room);
    this.#header = new GzipHeader(kernels);
  }

  /** Whether something that is neither a member nor padding stands behind the last member. */
  get hasTrailingGarbage(): boolean {
    return this.#state === 'garbage';
  }

  /**
   * Unpacks the next packed bytes; each piece is valid until the next is asked for.
   * Throws `E_COMPRESSION` on an invalid stream.
   */
  *push(packed: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0;
    while (at < packed.length) {
      const rest = packed.subarray(at);
      const used = this.#state === 'data' ? yield* this.#inflate(rest) : this.#readFraming(rest);
      this.#offset += used;
      at += used;
    }
  }

  /** To be called at the end of the packed bytes. Throws `E_TRUNCATED` within a member. */
  finish(): void {
    if (this.#state === 'header' || this.#state === 'data' || this.#state === 'trailer') {
      throw truncatedPacked('gzip', this.#offset);
    }
    // A first byte of a member, and no second one.
    if (this.#filled > 0) this.#state = 'garbage';
  }

  /** Gives the inflater back. */
  close(): void {
    this.#inflater.close();
  }

  *#inflate(packed: Uint8Array): Generator<Uint8Array, number, undefined> {
    const start = this.#offset - this.#inflater.offset;
    const pieces = this.#inflater.pieces(packed);
    for (;;) {
      const next = this.#nextPiece(pieces, start);
      if (next.done) {
        if (next.value.ended) this.#enter('trailer');
        return next.value.consumed;
      }
      this.#crc = this.#kernels.crc32(next.value, this.#crc);
      this.#size = (this.#size + next.value.length) >>> 0;
      yield next.value;
    }
  }

  #nextPiece<T extends Iterator<Uint8Array, unknown>>(
    pieces: T,
    start: number,
  ): ReturnType<T['next']> {
    try {
      return pieces.next() as ReturnType<T['next']>;
    } catch (error) {
      throw this.#placed(error, start + this.#inflater.offset);
    }
  }

  #placed(error: unknown, offset: number): unknown {
    if (!(error instanceof ErofsWasmError) || error.code !== 'E_COMPRESSION') return error;
    return invalidPacked(error.summary, offset);
  }

  #readFraming(packed: Uint8Array): number {
    switch (this.#state) {
      case 'header':
        return this.#readHeader(packed);
      case 'trailer':
        return this.#readTrailer(packed);
      case 'between':
        return this.#readBetween(packed[0]!);
      case 'padding':
        return this.#readPadding(packed);
      default:
        return packed.length;
    }
  }

  #readHeader(packed: Uint8Array): number {
    try {
      const used = this.#header.push(packed);
      if (this.#header.isDone) this.#startData();
      return used;
    } catch (error) {
      throw this.#placed(error, this.#offset);
    }
  }

  #startData(): void {
    this.#header.reset();
    this.#inflater.reset();
    this.#crc = 0;
    this.#size = 0;
    this.#enter('data');
  }

  #readTrailer(packed: Uint8Array): number {
    const part = packed.subarray(0, TRAILER_SIZE - this.#filled);
    this.#trailer.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === TRAILER_SIZE) this.#checkTrailer();
    return part.length;
  }

  /** RFC 1952 section 2.3.1: the CRC-32, then the size modulo 2^32. */
  #checkTrailer(): void {
    const view = new DataView(this.#trailer.buffer);
    if (view.getUint32(0, true) !== this.#crc) {
      throw invalidPacked('the CRC-32 of a gzip member is wrong', this.#offset);
    }
    if (view.getUint32(4, true) !== this.#size) {
      throw invalidPacked('the size of a gzip member is wrong', this.#offset);
    }
    this.#enter('between');
  }

  /** Two bytes tell a member from what follows the last one. */
  #readBetween(byte: number): number {
    if (byte === GZIP_MAGIC[this.#filled]) {
      this.#filled++;
      if (this.#filled === GZIP_MAGIC.length) this.#startMember();
    } else {
      this.#enter(byte === 0 && this.#filled === 0 ? 'padding' : 'garbage');
    }
    return 1;
  }

  #startMember(): void {
    this.#enter('header');
    this.#header.push(Uint8Array.from(GZIP_MAGIC));
  }

  #readPadding(packed: Uint8Array): number {
    if (packed.some((byte) => byte !== 0)) this.#enter('garbage');
    return packed.length;
  }

  #enter(state: State): void {
    this.#state = state;
    this.#filled = 0;
  }
}
