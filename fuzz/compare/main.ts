/**
 * Damaged images through `check`, `fsck.erofs` and the kernel: a table of how often they agree, and each fault that
 * `check` alone did not find. Image number n follows from the seed and n alone.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CheckSources, checkBytes } from '../../src/check/check-image.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { loadKernels } from '../../src/kernels/load.ts';
import { recentImages } from '../../test/support/recent-images.ts';
import { ImageDamage } from '../lib/damage-image.ts';
import { smallImageCorpus } from '../lib/image-corpus.ts';
import { Random } from '../lib/random.ts';
import { exceptionOf } from './exceptions.ts';
import { fsckAll, mountAll, type Verdict } from './oracles.ts';
import { type Answer, ConfusionTable, isMissed } from './table.ts';

const USAGE = `node fuzz/compare.mjs [options]

  --images N   damaged images for fsck.erofs (4000)
  --mounts N   of them for the kernel, which needs root (400)
  --seed N     the same seed gives the same images (1)
  --root DIR   a root with a newer fsck.erofs (~/.cache/erofs-wasm/forky)
  --keep DIR   write the images that check alone finds no fault with here
`;
/** Images that are on disk at a time. */
const BATCH = 500;
/** The only block size that every fsck.erofs reads. */
const PAGE_BITS = 12;
const BLOCK_BITS_AT = 1024 + 12;

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      images: { type: 'string', default: '4000' },
      mounts: { type: 'string', default: '400' },
      seed: { type: 'string', default: '1' },
      root: { type: 'string', default: join(homedir(), '.cache/erofs-wasm/forky') },
      keep: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const comparison = new Comparison(values.root, values.keep);
  await comparison.prepare();
  const seed = Number(values.seed);
  const mounts = Number(values.mounts);
  for (let first = 0; first < Number(values.images); first += BATCH) {
    const count = Math.min(BATCH, Number(values.images) - first);
    comparison.run(seed, first, count, Math.max(0, Math.min(count, mounts - first)));
  }
  process.stdout.write(comparison.text());
  return comparison.missed === 0 ? 0 : 1;
}

class Comparison {
  readonly #root: string;
  readonly #keep: string | undefined;
  readonly #tables = {
    recent: new ConfusionTable('newer fsck.erofs'),
    local: new ConfusionTable('fsck.erofs of this machine'),
    kernel: new ConfusionTable('kernel'),
  };
  #damage!: ImageDamage;
  #parts!: Omit<CheckSources, 'image'>;

  constructor(root: string, keep: string | undefined) {
    this.#root = root;
    this.#keep = keep;
  }

  async prepare(): Promise<void> {
    const kernels = loadKernels('auto');
    const crc32c = (bytes: Uint8Array, seed: number) => kernels.crc32c(bytes, seed);
    const decompress = createDecompress(kernels);
    const corpus = [...(await smallImageCorpus()), ...recentImages().values()];
    this.#damage = new ImageDamage(corpus, crc32c, decompress);
    this.#parts = { devices: [], crc32c, decompress };
  }

  /** Judges `count` images from number `first` on, the first `mounts` of them with the kernel as well. */
  run(seed: number, first: number, count: number, mounts: number): void {
    const recent = mkdtempSync(join(this.#root, 'tmp/compare-'));
    const local = mkdtempSync(join(tmpdir(), 'erofs-wasm-compare-'));
    try {
      const images = new Map<string, { bytes: Uint8Array; answer: Answer }>();
      for (const folder of [join(recent, 'images'), join(local, 'images')]) mkdirSync(folder);
      for (let number = first; number < first + count; number++) {
        const bytes = this.#damage.make(new Random(seed, number));
        const name = `image-${seed}-${number}`;
        images.set(name, { bytes, answer: this.#answer(bytes) });
        writeFileSync(join(recent, 'images', name), bytes);
        if (bytes[BLOCK_BITS_AT] === PAGE_BITS) writeFileSync(join(local, 'images', name), bytes);
      }
      const names = [...images.keys()].slice(0, mounts);
      const verdicts = {
        recent: fsckAll(join(recent, 'images'), this.#root),
        local: fsckAll(join(local, 'images')),
        kernel: mountAll(join(recent, 'images'), names),
      };
      this.#count(images, verdicts);
    } finally {
      rmSync(recent, { recursive: true, force: true });
      rmSync(local, { recursive: true, force: true });
    }
  }

  get missed(): number {
    return Object.values(this.#tables).reduce((sum, { missed }) => sum + missed, 0);
  }

  text(): string {
    return Object.values(this.#tables)
      .map((table) => table.text())
      .join('\n');
  }

  #answer(bytes: Uint8Array): Answer {
    const image = { read: (at: number, length: number) => bytes.subarray(at, at + length) };
    const steps = checkBytes({ image, ...this.#parts }, { data: true, listed: 0 });
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done !== true) continue;
      const { faults, remarks } = step.value;
      if (faults > 0) return 'faults';
      return remarks > 0 ? 'remarks' : 'nothing';
    }
  }

  #count(
    images: ReadonlyMap<string, { bytes: Uint8Array; answer: Answer }>,
    verdicts: Readonly<Record<'recent' | 'local' | 'kernel', ReadonlyMap<string, Verdict>>>,
  ): void {
    for (const [name, { bytes, answer }] of images) {
      for (const judge of ['recent', 'local', 'kernel'] as const) {
        const verdict = verdicts[judge].get(name);
        if (verdict === undefined) continue;
        const exception = exceptionOf(bytes, verdict);
        this.#tables[judge].add(name, answer, verdict, exception);
        const isToldOf = isMissed(answer, verdict.outcome) && exception === undefined;
        if (!isToldOf || this.#keep === undefined) continue;
        mkdirSync(this.#keep, { recursive: true });
        writeFileSync(join(this.#keep, `${name}-${judge}`), bytes);
      }
    }
  }
}
