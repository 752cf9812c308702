/** Where the reader is asked: it throws at the first fault, a check takes it down and goes on. */

import { ErofsWasmError } from '../errors.ts';

/** What a reading comes to: a value, or what is wrong with the image. A file that cannot be read is thrown. */
export function attempt<T>(read: () => T): T | ErofsWasmError {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof ErofsWasmError && isAboutImage(thrown)) return thrown;
    throw thrown;
  }
}

export function isFailure(value: unknown): value is ErofsWasmError {
  return value instanceof ErofsWasmError;
}

function isAboutImage({ code }: ErofsWasmError): boolean {
  return code === 'E_IMAGE' || code === 'E_COMPRESSION';
}
