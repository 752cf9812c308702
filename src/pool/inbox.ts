/** Messages of a port as something to wait for, one after another. */

import type { MessagePort } from 'node:worker_threads';

export class Inbox<M> {
  readonly #waiting: M[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  /** Takes over the port's messages; those that `intercept` returns true for are not queued. */
  constructor(port: MessagePort, intercept: (message: M) => boolean = () => false) {
    port.on('message', (message: M) => {
      if (intercept(message)) return;
      this.#waiting.push(message);
      this.#wake?.();
    });
    port.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /** The next message, or undefined once the port is closed and all has been taken. */
  async next(): Promise<M | undefined> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#waiting.shift();
  }
}
