/** Damaged images through our reader: it ends in a value, in an E_IMAGE or in an E_COMPRESSION. */

import { ErofsReader } from '../../src/erofs/reader.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { compressedCorpus } from '../lib/compressed-corpus.ts';
import { BYTES } from '../lib/form.ts';
import { imageCorpus } from '../lib/image-corpus.ts';
import { Mutator } from '../lib/mutate.ts';
import type { Random } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';
import { walkImage } from '../lib/walk-image.ts';

const CODES: ReadonlySet<string> = new Set(['E_IMAGE', 'E_COMPRESSION']);
const SUPERBLOCK_AT = 1024;
const SUPERBLOCK_SIZE = 128;
/** Most of an image is padding, where changes mean nothing: so many places are tried. */
const TRIES = 8;

export async function open(): Promise<Target<Uint8Array>> {
  const mutator = new Mutator([...(await imageCorpus()), ...compressedCorpus()]);
  const decompress = createDecompress(createReferenceKernels());
  return {
    form: BYTES,
    make(random) {
      mutator.begin(random);
      for (let i = 1 + random.small(5); i > 0; i--)
        mutator.change(random, placeOf(mutator, random));
      return mutator.result();
    },
    check(input) {
      try {
        // Without the checksum, which would stop most damaged images at the door.
        const image = { read: (at: number, length: number) => input.subarray(at, at + length) };
        walkImage(new ErofsReader(image, { decompress }));
        return 'ok';
      } catch (error) {
        if (!(error instanceof ErofsWasmError)) throw error;
        invariant(CODES.has(error.code), () => `${error.code}: ${error.message}`);
        return error.code;
      }
    },
  };
}

function placeOf(mutator: Mutator, random: Random): number {
  if (random.chance(0.15)) return SUPERBLOCK_AT + random.below(SUPERBLOCK_SIZE);
  let at = 0;
  for (let i = 0; i < TRIES; i++) {
    at = random.below(mutator.length);
    if (mutator.bytes[at] !== 0) break;
  }
  return Math.min(at, Math.max(0, mutator.length - 1));
}
