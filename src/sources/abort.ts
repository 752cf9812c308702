/** Cancelling, as a typed error. */

import { ErofsWasmError } from '../errors.ts';

/** Throws `E_ABORTED` once the signal has fired. */
export function checkAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

/** The error for a cancelled operation. */
export function abortError(signal: AbortSignal): ErofsWasmError {
  return new ErofsWasmError('E_ABORTED', 'cancelled', { cause: signal.reason });
}
