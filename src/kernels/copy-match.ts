/** Repeats earlier output in place. */

/** Up to here a loop is faster than a call of the engine's own copy. */
const SHORT_COPY = 48;

/**
 * Writes `size` bytes at `at`, each a copy of the byte `distance` before it; `distance` is 1 to `at`, and the bytes
 * fit.
 */
export function copyMatch(bytes: Uint8Array, at: number, distance: number, size: number): void {
  const from = at - distance;
  if (size <= SHORT_COPY) {
    for (let k = 0; k < size; k++) bytes[at + k] = bytes[from + k]!;
    return;
  }
  if (distance === 1) {
    bytes.fill(bytes[from]!, at, at + size);
    return;
  }
  let done = Math.min(distance, size);
  bytes.copyWithin(at, from, from + done);
  // What is there repeats with the period of the distance, so each copy can double it.
  while (done < size) {
    const part = Math.min(done, size - done);
    bytes.copyWithin(at + done, at, at + part);
    done += part;
  }
}
