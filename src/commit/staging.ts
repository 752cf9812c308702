/** Copies short pieces one after another into buffers that are used again, so that a write has few vectors. */

/** As much as the builder gets in one go, about. */
const BUFFER_BYTES = 1024 * 1024;

const NO_BUFFER = new Uint8Array(0);

export class Staging {
  #buffer: Uint8Array = NO_BUFFER;
  #used = 0;
  /** Where the pieces begin in the buffer that are still to be listed as one. */
  #runStart = 0;
  #filled: Uint8Array[] = [];
  readonly #free: Uint8Array[] = [];

  /** Copies `bytes`, at most 1 MiB; runs that end are appended to `list`. */
  add(bytes: Uint8Array, list: Uint8Array[]): void {
    if (this.#used + bytes.length > this.#buffer.length) {
      this.endRun(list);
      this.#setAside();
      this.#buffer = this.#free.pop() ?? new Uint8Array(BUFFER_BYTES);
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Appends what was added since the last run to `list`, as one piece. */
  endRun(list: Uint8Array[]): void {
    if (this.#used > this.#runStart) list.push(this.#buffer.subarray(this.#runStart, this.#used));
    this.#runStart = this.#used;
  }

  /** The buffers that hold ended runs; they are written and then given to {@link reuse}. */
  takeUsed(): readonly Uint8Array[] {
    this.#setAside();
    const filled = this.#filled;
    this.#filled = [];
    return filled;
  }

  reuse(buffers: readonly Uint8Array[]): void {
    this.#free.push(...buffers);
  }

  #setAside(): void {
    if (this.#used > 0) this.#filled.push(this.#buffer);
    this.#buffer = NO_BUFFER;
    this.#used = 0;
    this.#runStart = 0;
  }
}
