/** Connections to a registry beyond the one that each blob has: for the parts of large blobs. */

/** With four blobs at once these make twelve; registries' frontends stop a client at a few dozen. */
const DEFAULT_SPARE = 8;

export class SpareConnections {
  #free: number;

  /** None are spare where connections are limited at all: each blob may take one of those. */
  constructor(limit: number | undefined) {
    this.#free = limit === undefined ? DEFAULT_SPARE : 0;
  }

  get any(): boolean {
    return this.#free > 0;
  }

  /** Takes one; false where none is free. */
  take(): boolean {
    if (this.#free <= 0) return false;
    this.#free -= 1;
    return true;
  }

  give(): void {
    this.#free += 1;
  }

  /** The server has refused to be asked so much at once: blobs come over one connection each from now on. */
  stop(): void {
    this.#free = Number.NEGATIVE_INFINITY;
  }
}
