/** The places of one part of an arena, as the side sees them that fills them. */

import { ErofsWasmError } from '../errors.ts';

export class Places {
  readonly #free: number[];
  #closed = false;
  #wake: (() => void) | undefined;

  /** All of `count` places are free. */
  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => count - 1 - index);
  }

  /** A free place; waits until one is given back. Throws `E_ABORTED` once closed. */
  async take(): Promise<number> {
    for (;;) {
      if (this.#closed) throw cancelled();
      const place = this.#free.pop();
      if (place !== undefined) return place;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives a place back. */
  give(place: number): void {
    this.#free.push(place);
    this.#wake?.();
  }

  /** Ends all waiting: nobody gives places back any more. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}

/** Why work on a layer stops when nobody waits for it. */
export function cancelled(): ErofsWasmError {
  return new ErofsWasmError('E_ABORTED', 'cancelled');
}
