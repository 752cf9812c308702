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

/** What is wrong and where, without the advice, which is for those who only wanted to read. */
export function textOf({ summary, place }: ErofsWasmError): string {
  return place === undefined ? summary : `${summary} (${place})`;
}

export function isFailure(value: unknown): value is ErofsWasmError {
  return value instanceof ErofsWasmError;
}

function isAboutImage({ code }: ErofsWasmError): boolean {
  return code === 'E_IMAGE' || code === 'E_COMPRESSION';
}
