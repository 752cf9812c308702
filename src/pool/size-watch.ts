/** Follows how large a layer is and becomes, and ends it where that is more than layers are. */

import { type Limits, limitError, RATIO_FROM } from '../limits.ts';
import type { Digester } from './digester.ts';

export class SizeWatch {
  readonly #packed: Digester;
  readonly #limits: Limits;
  #unpacked = 0;

  /** `packed` is fed by the stream of this watch. */
  constructor(packed: Digester, limits: Limits) {
    this.#packed = packed;
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

  /** Packed bytes that are read ahead count, so that a layer is never judged by its beginning alone. */
  unpacked(bytes: number): void {
    this.#unpacked += bytes;
    const { unpacked, unpackedRatio } = this.#limits;
    if (this.#unpacked > unpacked) {
      throw limitError('unpacked', this.#limits, 'the unpacked size', this.#place());
    }
    if (this.#unpacked > RATIO_FROM && this.#unpacked > unpackedRatio * this.#packed.bytes) {
      throw limitError('unpackedRatio', this.#limits, 'how far it unpacks', this.#place());
    }
  }

  #place(): string {
    return `${this.#packed.bytes} bytes in, ${this.#unpacked} bytes out`;
  }
}
