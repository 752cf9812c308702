/** A running hash and count over a stream that passes by. */

import { createHash, type Hash } from 'node:crypto';

export class Digester {
  /** Bytes that have passed. */
  bytes = 0;
  readonly #algorithm: string;
  readonly #hash: Hash;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  async *over(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  /** `algorithm:hex`; ends the hash. */
  digest(): string {
    return `${this.#algorithm}:${this.#hash.digest('hex')}`;
  }
}
