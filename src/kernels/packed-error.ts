/** Failures of packed streams, with the place in the stream. */

import { ErofsWasmError } from '../errors.ts';

const HINT = 'the stream is damaged; fetch or pack it again';

/** How messages name a place in a packed stream. */
export function placeInPacked(offset: number): string {
  return `byte ${offset} of the packed stream`;
}

/** Invalid packed data near byte `offset`. */
export function invalidPacked(summary: string, offset: number, cause?: unknown): ErofsWasmError {
  return new ErofsWasmError('E_COMPRESSION', summary, {
    place: placeInPacked(offset),
    hint: HINT,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A packed stream of `offset` bytes that should go on. */
export function truncatedPacked(format: string, offset: number): ErofsWasmError {
  return new ErofsWasmError('E_TRUNCATED', `the ${format} stream ends before its end`, {
    place: placeInPacked(offset),
    hint: HINT,
  });
}
