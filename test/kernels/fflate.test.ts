/** fflate is DEFLATE by other hands: what it packs we unpack, and what both unpack is the same. */

import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { deflateSync, inflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';

const INPUTS: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  'one byte': Uint8Array.of(7),
  zeros: new Uint8Array(300_000),
  noise: randomBytes(100_000),
  text: Buffer.from('the quick brown fox jumps over the lazy dog; '.repeat(5_000)),
  steps: Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 7),
};
const LEVELS = [0, 1, 3, 6, 9] as const;

describe.each([createWasmKernels(), createReferenceKernels()])('$name kernels', (kernels) => {
  const inflate = (packed: Uint8Array): Buffer => {
    const inflater = kernels.createInflater();
    const pieces: Uint8Array[] = [];
    const { ended, consumed } = inflater.push(packed, (piece) => pieces.push(piece.slice()));
    inflater.close();
    expect({ ended, consumed }).toEqual({ ended: true, consumed: packed.length });
    return Buffer.concat(pieces);
  };

  describe.each(Object.entries(INPUTS))('given %s', (_, input) => {
    it.each(LEVELS)('unpack what fflate packs at level %i', (level) => {
      expect(inflate(deflateSync(input, { level })).equals(input)).toBe(true);
    });

    it.each(LEVELS)('unpack what zlib packs at level %i to what fflate finds in it', (level) => {
      const packed = deflateRawSync(input, { level });
      expect(inflate(packed).equals(inflateSync(packed))).toBe(true);
    });
  });
});
