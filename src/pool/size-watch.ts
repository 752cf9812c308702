/** Follows how large a layer is and becomes, and ends it where that is more than layers are. */

import { type Limits, limitError, RATIO_FROM } from '../limits.ts';
import type { Digester } from './digester.ts';

export class SizeWatch {
  readonly #packed: Digester;
  readonly #unpacked: Digester;
  readonly #limits: Limits;

  /** Both are fed by the streams of this watch. */
  constructor(packed: Digester, unpacked: Digester, limits: Limits) {
    this.#packed = packed;
    this.#unpacked = unpacked;
    this.#limits = limits;
  }

  /** The packed bytes; they are under the same limit, since packing that yields nothing could go on for ever. */
  async *packed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#packed.over(chunks)) {
      if (this.#packed.bytes > this.#limits.unpacked) {
        throw limitError('unpacked', this.#limits, 'the packed size', this.#place());
      }
      yield chunk;
    }
  }

  async *unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#unpacked.over(chunks)) {
      this.#check();
      yield chunk;
    }
  }

  /** Packed bytes that are read ahead count, so that a layer is never judged by its beginning alone. */
  #check(): void {
    const { bytes } = this.#unpacked;
    const { unpacked, unpackedRatio } = this.#limits;
    if (bytes > unpacked) {
      throw limitError('unpacked', this.#limits, 'the unpacked size', this.#place());
    }
    if (bytes > RATIO_FROM && bytes > unpackedRatio * this.#packed.bytes) {
      throw limitError('unpackedRatio', this.#limits, 'how far it unpacks', this.#place());
    }
  }

  #place(): string {
    return `${this.#packed.bytes} bytes in, ${this.#unpacked.bytes} bytes out`;
  }
}
