/** Lets the event loop turn in the middle of long work, so that a signal can end it. */

import { setImmediate } from 'node:timers/promises';
import { ErofsWasmError } from '../errors.ts';

/** Long enough to cost nothing, short enough that nobody waits for it. */
const TURN_MS = 50;

export class Turns {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  /** Throws `E_ABORTED` where the signal has fired already. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    this.#check();
  }

  /** Whether it is time for {@link give}: `if (turns.areDue) await turns.give()` costs next to nothing where it is not. */
  get areDue(): boolean {
    return performance.now() - this.#last > TURN_MS;
  }

  /** Throws `E_ABORTED` once the signal has fired. */
  async give(): Promise<void> {
    await setImmediate();
    this.#check();
    this.#last = performance.now();
  }

  #check(): void {
    if (this.#signal?.aborted !== true) return;
    throw new ErofsWasmError('E_ABORTED', 'cancelled', { cause: this.#signal.reason });
  }
}
