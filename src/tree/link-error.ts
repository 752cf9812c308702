/** What is wrong with a hard link. */

import { printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';

/** A hard link whose target the layer itself did not hold when the link came. */
export interface PendingLink {
  /** Inode row that waits for its target. */
  readonly inode: number;
  /** The linking name, for messages. */
  readonly path: Uint8Array;
  readonly target: Uint8Array;
}

/** Names both ends of the link. */
export function linkError(summary: string, path: Uint8Array, target: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_LINK', summary, {
    place: `${printable(path)} -> ${printable(target)}`,
    hint: 'the layer is broken; rebuild it',
  });
}
