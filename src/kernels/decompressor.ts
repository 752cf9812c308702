/** Undoes the compression of EROFS images, block by block. */

import type { Decompress } from '../erofs/decompressor.ts';
import { ErofsWasmError } from '../errors.ts';
import type { BlockOutcome, Kernels } from './kernels.ts';

/** For one thread; keeps the memory of the largest block between calls. */
export function createDecompress(kernels: Kernels): Decompress {
  const unpacker = kernels.createBlockUnpacker();
  return ({ algorithm, source, target, partial }) => {
    if (algorithm !== 'lz4') throw new ErofsWasmError('E_COMPRESSION', 'not yet');
    check('LZ4', unpacker.lz4(source, target, partial));
  };
}

const REASONS: Readonly<Record<Exclude<BlockOutcome, 'done'>, string>> = {
  invalid: 'is invalid',
  'too short': 'ends too early',
  'too long': 'does not end where it should',
};

function check(format: string, outcome: BlockOutcome): void {
  if (outcome === 'done') return;
  throw new ErofsWasmError('E_COMPRESSION', `compressed data (${format}) ${REASONS[outcome]}`);
}
