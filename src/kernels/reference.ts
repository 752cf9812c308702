/** The kernels in TypeScript: what the WASM ones are tested against, and what runs where WASM memory cannot be had. */

import { createInflater } from './inflater.ts';
import type { Kernels } from './kernels.ts';
import { crc32cReference, crc32Reference } from './reference-crc.ts';
import { packDirentsReference } from './reference-dirents.ts';
import { ReferenceInflateEngine } from './reference-inflate.ts';
import { createReferenceUnpacker } from './reference-unpacker.ts';
import { ReferenceXxh64 } from './reference-xxh64.ts';

/** Kernels that need no WASM; several times slower, with the same results and refusals. */
export function createReferenceKernels(): Kernels {
  return {
    name: 'reference',
    crc32: crc32Reference,
    crc32c: crc32cReference,
    createInflater: () => createInflater(new ReferenceInflateEngine()),
    createXxh64: () => new ReferenceXxh64(),
    packDirents: packDirentsReference,
    createBlockUnpacker: createReferenceUnpacker,
  };
}
