/** What both kernels ask of directory blocks before they touch a byte of them. */

import { DIRENT_SIZE, MAX_BLOCK_SIZE, MIN_BLOCK_SIZE } from '../erofs/constants.ts';
import { ErofsWasmError } from '../errors.ts';
import type { DirentBlocks } from './kernels.ts';

/** A mistake of the caller: the plan of a directory and its content disagree. */
export function direntError(summary: string): ErofsWasmError {
  return new ErofsWasmError('E_INTERNAL', summary, { hint: 'this is a bug; please report it' });
}

/** Throws `E_INTERNAL` unless the columns, the block size and the room in `out` agree. */
export function checkDirentBlocks(blocks: DirentBlocks, out: Uint8Array): void {
  const { blockSize, counts, nameLengths, fileTypes, nids } = blocks;
  if (!(blockSize >= MIN_BLOCK_SIZE && blockSize <= MAX_BLOCK_SIZE && blockSize % 4 === 0)) {
    throw direntError(`not a block size: ${blockSize}`);
  }
  let entries = 0;
  for (const count of counts) {
    if (count * DIRENT_SIZE > blockSize) throw direntError('too many entries in a directory block');
    entries += count;
  }
  if (nids.length !== entries || nameLengths.length !== entries || fileTypes.length !== entries) {
    throw direntError('the columns of directory entries differ in length');
  }
  if (out.length !== counts.length * blockSize) {
    throw direntError('the room for directory blocks differs from their size');
  }
}
