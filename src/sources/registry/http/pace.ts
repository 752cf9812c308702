/** A bound on bytes a second, shared by all that download at once. */

import { setTimeout as sleep } from 'node:timers/promises';

/** A second's worth may come at once: less would make bursts of the network wait for nothing. */
const BURST_MS = 1000;

/** Milliseconds, and waiting for them. */
export interface Clock {
  now(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  wait: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  },
};

export class Pace {
  readonly #bytesAMs: number;
  readonly #clock: Clock;
  /** When all that was taken so far may have arrived. */
  #due: number;

  constructor(bytesASecond: number, clock: Clock = REAL_CLOCK) {
    this.#bytesAMs = bytesASecond / 1000;
    this.#clock = clock;
    this.#due = clock.now() - BURST_MS;
  }

  /** Waits until `bytes` more are in time; returns at once when the signal fires. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#due = Math.max(this.#due, now - BURST_MS) + bytes / this.#bytesAMs;
    if (this.#due > now) await this.#clock.wait(this.#due - now, signal);
  }
}
