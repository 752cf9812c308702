/** Whether one connection carries enough for several not to be worth it. */

import type { Timing } from './timing.ts';

/** What the speed is taken from: enough for a connection to have found its own. */
const SAMPLE_BYTES = 1024 * 1024;

/** How fast a server sends; the time that its reader takes does not count. */
export class LineSpeed {
  readonly #enough: number;
  #bytes = 0;
  #waitedMs = 0;
  /** Settled by the first bytes: false until then, and where they came so fast that one connection will do. */
  isSlow = false;

  constructor({ enoughBytesPerSecond }: Pick<Timing, 'enoughBytesPerSecond'>) {
    this.#enough = enoughBytesPerSecond;
  }

  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let asked = performance.now();
    for await (const chunk of chunks) {
      if (this.#bytes < SAMPLE_BYTES) this.#note(chunk.length, performance.now() - asked);
      yield chunk;
      asked = performance.now();
    }
  }

  #note(bytes: number, ms: number): void {
    this.#bytes += bytes;
    this.#waitedMs += ms;
    if (this.#bytes < SAMPLE_BYTES) return;
    this.isSlow = (this.#bytes / Math.max(this.#waitedMs, 1)) * 1000 < this.#enough;
  }
}
