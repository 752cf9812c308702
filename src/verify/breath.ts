/** Lets other work of the process have its turn now and then, a signal to stop among it. */

import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work in one go. */
const WORK_MS = 50;

export class Breath {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** A promise to wait for where it is time. Throws what the signal was aborted with. */
  take(): Promise<void> | undefined {
    return performance.now() - this.#since < WORK_MS ? undefined : this.#pause();
  }

  async #pause(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
