/** Failures inside a Zstandard block, where the place in the stream is not known. */

import { ErofsWasmError } from '../errors.ts';

/** Invalid content of a block; whoever knows the place of the block adds it. */
export function invalidBlock(reason: string): ErofsWasmError {
  return new ErofsWasmError('E_COMPRESSION', `invalid Zstandard block: ${reason}`);
}
