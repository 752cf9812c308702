/** Shared memory for what threads encode, used again and again: a buffer for each stretch would pile up as garbage. */

/** Most stretches are that long or shorter. */
const BUFFER_BYTES = 1024 * 1024;

export class Scratch {
  readonly #resting: SharedArrayBuffer[] = [];

  /** `length` bytes with anything in them. */
  take(length: number): Uint8Array {
    const index = this.#resting.findIndex((buffer) => buffer.byteLength >= length);
    const known = index < 0 ? undefined : this.#resting.splice(index, 1)[0];
    const buffer = known ?? new SharedArrayBuffer(Math.max(length, BUFFER_BYTES));
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back what {@link take} gave, once nobody uses it. */
  give({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer) this.#resting.push(buffer);
  }
}
