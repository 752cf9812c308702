/** Bounded access to the bytes of an image: every range is checked before it is asked for. */

import { ErofsWasmError } from '../errors.ts';

/** The bytes of an image, wherever they are. */
export interface ImageBytes {
  /** What they are, for an error's place; the image itself where it is left out. */
  readonly name?: string;
  /**
   * The bytes from `offset`, `length` of them or as many as there are before the end.
   * The result is read, never written, and may be a view that the next call replaces.
   */
  read(offset: number, length: number): Uint8Array;
}

/** `length` bytes at `offset`; `what` names them in the error where the image ends before. */
export function readExactly(
  image: ImageBytes,
  offset: number,
  length: number,
  what: string,
): Uint8Array {
  const place = () => `byte ${offset} of ${image.name ?? 'the image'}`;
  if (!Number.isSafeInteger(offset + length)) throw imageError(`${what} is out of range`, place());
  const bytes = image.read(offset, length);
  if (bytes.length !== length) throw imageError(`${what} is cut off`, place());
  return bytes;
}

/** How many bytes there are, up to `limit`: found by looking, since not everything with bytes has a length. */
export function lengthOf(image: ImageBytes, limit: number): number {
  const has = (count: number) => count === 0 || image.read(count - 1, 1).length === 1;
  if (has(limit)) return limit;
  let least = 0;
  let most = limit;
  while (most - least > 1) {
    const middle = least + Math.floor((most - least) / 2);
    if (has(middle)) least = middle;
    else most = middle;
  }
  return least;
}

/** A view over the same bytes, for the record declarations. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** An `E_IMAGE` with its place: a byte offset, or anything else as text. */
export function imageError(summary: string, place: number | string): ErofsWasmError {
  return new ErofsWasmError('E_IMAGE', summary, {
    place: typeof place === 'number' ? `byte ${place} of the image` : place,
  });
}
