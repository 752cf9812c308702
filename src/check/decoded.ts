/** Content that has to be decompressed to be looked at. */

import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';

/** A block of a compressed directory, or undefined where it cannot be read. */
export function decodedBlock(
  _exam: Examination,
  _inode: InodeFields,
  _position: number,
  _length: number,
): Uint8Array | undefined {
  return undefined;
}
