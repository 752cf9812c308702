/** Compressed blocks in TypeScript. */

import { unpackDeflate } from './deflate-block.ts';
import type { BlockUnpacker } from './kernels.ts';
import { ReferenceInflateEngine } from './reference-inflate.ts';
import { unpackLz4Reference } from './reference-lz4.ts';
import { ReferenceLzma } from './reference-lzma.ts';

export function createReferenceUnpacker(): BlockUnpacker {
  const engine = new ReferenceInflateEngine();
  const lzma = new ReferenceLzma();
  return {
    lz4: unpackLz4Reference,
    lzma: (source, target, partial, dictionary) => lzma.unpack(source, target, partial, dictionary),
    deflate: (source, target, partial) => unpackDeflate(engine, source, target, partial),
  };
}
