/** A part of a blob that arrives before it is due. */

import type { Download } from './download.ts';

/** A part that comes while those before it are read; its range bounds what is held of it. */
export class HeldPart {
  readonly ended: Promise<void>;
  readonly #held: Uint8Array[] = [];
  #isDone = false;
  #failure: unknown;
  #wake: () => void = () => undefined;

  constructor(download: Download, signal: AbortSignal) {
    this.ended = this.#hold(download, signal);
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#held.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#isDone) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  async #hold(download: Download, signal: AbortSignal): Promise<void> {
    try {
      for await (const chunk of download.read(signal)) {
        this.#held.push(chunk);
        this.#wake();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#isDone = true;
    this.#wake();
  }
}
