/** How fast bytes come, smoothed: what was long ago counts less and less. */

/** Weight of the past falls to 1/e in this time: steady enough to read, quick enough to show a stall. */
const MEMORY_SECONDS = 2;
/** Shorter spans say more about the timer than about the network. */
const MIN_SPAN_SECONDS = 0.05;

export class RateMeter {
  #time: number | undefined;
  #bytes = 0;
  #rate: number | undefined;

  /** Takes the number of bytes so far at a time in seconds; returns bytes per second, undefined at first. */
  update(bytes: number, time: number): number | undefined {
    if (this.#time === undefined) {
      this.#time = time;
      this.#bytes = bytes;
      return undefined;
    }
    const span = time - this.#time;
    if (span < MIN_SPAN_SECONDS) return this.#rate;
    const current = (bytes - this.#bytes) / span;
    const weight = this.#rate === undefined ? 1 : 1 - Math.exp(-span / MEMORY_SECONDS);
    this.#rate = (this.#rate ?? 0) + weight * (current - (this.#rate ?? 0));
    this.#time = time;
    this.#bytes = bytes;
    return this.#rate;
  }
}
