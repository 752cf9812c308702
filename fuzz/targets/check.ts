/**
 * Damaged images through the check: it ends in a result, whatever they are, and what it finds no fault with our reader
 * reads to its end.
 */

import { type CheckResult, checkBytes } from '../../src/check/check-image.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { loadKernels } from '../../src/kernels/load.ts';
import { recentImages } from '../../test/support/recent-images.ts';
import { ImageDamage } from '../lib/damage-image.ts';
import { BYTES } from '../lib/form.ts';
import { smallImageCorpus } from '../lib/image-corpus.ts';
import { seedOf } from '../lib/random.ts';
import { BrokenInvariant, invariant, type Target } from '../lib/target.ts';
import { walkImage } from '../lib/walk-image.ts';

/** What the kernel passes over, and the reader refuses. */
const REFUSED = ['xattr-invisible', 'chunk-device-bits'] as const;
/** Few, since a path is looked up for each. */
const LISTED = 4;
/** One in so many inputs has its content read too. */
const DATA_EVERY = 4;
/** Holes and content of any length can be claimed: it is not read where there is more. */
const MOST_CONTENT = 64 * 1024 * 1024;

export async function open(): Promise<Target<Uint8Array>> {
  const kernels = loadKernels('auto');
  const crc32c = (bytes: Uint8Array, seed: number) => kernels.crc32c(bytes, seed);
  const decompress = createDecompress(kernels);
  const corpus = [...(await smallImageCorpus()), ...recentImages().values()];
  const damage = new ImageDamage(corpus, crc32c, decompress);
  return {
    form: BYTES,
    make: (random) => damage.make(random),
    check(input) {
      const image = { read: (at: number, length: number) => input.subarray(at, at + length) };
      const data = seedOf(input) % DATA_EVERY === 0;
      const result = resultOf(
        checkBytes({ image, devices: [], crc32c, decompress }, { data, listed: LISTED }),
      );
      checkResult(result);
      if (!result.ok) return 'faults';
      if (data && !REFUSED.some((name) => result.counts[name] !== undefined))
        readAll(() => new ErofsReader(image, { crc32c, decompress }));
      return result.remarks > 0 ? 'remarks' : 'ok';
    },
  };
}

function resultOf(steps: Generator<void, CheckResult>): CheckResult {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function checkResult({ ok, faults, remarks, counts, findings, size, unusedBytes }: CheckResult) {
  const counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
  invariant(ok === (faults === 0), 'an answer that does not fit the faults');
  invariant(counted === faults + remarks, () => `${counted} counted of ${faults} and ${remarks}`);
  const listed = Math.min(faults, LISTED) + Math.min(remarks, LISTED);
  invariant(findings.length === listed, () => `${findings.length} listed of ${counted}`);
  invariant(unusedBytes >= 0 && unusedBytes <= size, () => `${unusedBytes} unused of ${size}`);
}

/** Content that is packed away can be claimed any number of times. */
function readAll(open: () => ErofsReader): void {
  try {
    const reader = open();
    let length = 0;
    for (const { inode } of reader.walk()) length += inode.size;
    if (length <= MOST_CONTENT) walkImage(reader);
  } catch (error) {
    if (!(error instanceof ErofsWasmError)) throw error;
    throw new BrokenInvariant(`no fault found, and the reader says: ${error.message}`);
  }
}
