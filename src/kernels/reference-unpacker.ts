/** Compressed blocks in TypeScript. */

import { unpackDeflate } from './deflate-block.ts';
import type { BlockUnpacker } from './kernels.ts';
import { ReferenceInflateEngine } from './reference-inflate.ts';
import { unpackLz4Reference } from './reference-lz4.ts';

export function createReferenceUnpacker(): BlockUnpacker {
  const engine = new ReferenceInflateEngine();
  return {
    lz4: unpackLz4Reference,
    deflate: (source, target, partial) => unpackDeflate(engine, source, target, partial),
  };
}
