/** The errors of this folder: each names the entry's path and the byte offset of its header block. */

import { printable } from '../bytes.ts';
import { ErofsWasmError, type ErrorCode } from '../errors.ts';
import { limitError } from '../limits.ts';
import type { TarLimits } from './limits.ts';

/** Where in the archive something was read: the path as far as it is known, and a byte offset. */
export interface Place {
  readonly path: Uint8Array;
  readonly offset: number;
}

/** Enough of a path to find the entry; a message stays one line whatever the archive holds. */
const SHOWN_PATH_BYTES = 256;

export const NO_PATH = new Uint8Array(0);

export const DAMAGED = 'the archive is damaged or its writer is faulty; fetch or make it again';

/** An error at `place`; `hint` says what to do about it. */
export function tarFailure(
  code: ErrorCode,
  summary: string,
  place: Place,
  hint: string = DAMAGED,
): ErofsWasmError {
  return new ErofsWasmError(code, summary, { place: describePlace(place), hint });
}

/** `E_LIMIT`: `what` is over the limit called `name`. */
export function limitFailure(
  name: keyof TarLimits,
  limits: TarLimits,
  what: string,
  place: Place,
): ErofsWasmError {
  return limitError(name, limits, what, describePlace(place));
}

/** A path as far as it helps, and the offset. */
export function describePlace({ path, offset }: Place): string {
  if (path.length === 0) return `offset ${offset}`;
  const shown = printable(path.subarray(0, SHOWN_PATH_BYTES));
  return `${shown}${path.length > SHOWN_PATH_BYTES ? '...' : ''}, offset ${offset}`;
}
