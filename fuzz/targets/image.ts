/** Whole builds from damaged archives and layers: an error and no file, or an image that can be read in full. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../src/build/build.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { writeLayout } from '../../test/support/oci-layout.ts';
import { archiveCorpus } from '../lib/archive-corpus.ts';
import { PARTS, type Parts } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import type { Random } from '../lib/random.ts';
import { tarCorpus } from '../lib/tar-corpus.ts';
import { changeTar, repairChecksums } from '../lib/tar-mutate.ts';
import { invariant, type Target } from '../lib/target.ts';
import { walkImage } from '../lib/walk-image.ts';

const BLOCK_SIZES = [512, 1024, 4096, 65_536];
const { crc32c } = createReferenceKernels();

/** The kind of an input is that of its source, the block size and the option `data`, with commas between. */
export async function open(): Promise<Target<Parts>> {
  const folder = mkdtempSync(join(tmpdir(), 'erofs-wasm-fuzz-'));
  const layers = new Mutator(tarCorpus());
  const archives = await archiveCorpus(join(folder, 'corpus'));
  const damaged = (mutator: Mutator, random: Random): Uint8Array => {
    for (let i = random.small(4); i > 0; i--) changeTar(mutator, random);
    repairChecksums(mutator);
    return mutator.result();
  };
  return {
    form: PARTS,
    make(random) {
      const options = `${random.pick(BLOCK_SIZES)},${random.chance(0.8) ? 'full' : 'zero'}`;
      const layer = (): Uint8Array => {
        layers.begin(random);
        return damaged(layers, random);
      };
      const choice = random.below(10);
      if (choice < 5) return { kind: `tar,${options}`, parts: [layer()] };
      if (choice < 8) return { kind: `oci,${options}`, parts: [layer(), layer()] };
      const { kind, bytes } = random.pick(archives);
      layers.load(bytes);
      return { kind: `${kind},${options}`, parts: [damaged(layers, random)] };
    },
    check: (input) => checkBuild(input, join(folder, 'work')),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function checkBuild({ kind, parts }: Parts, folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const [transport = '', blockSize, data] = kind.split(',');
  const results = join(folder, 'results');
  mkdirSync(results, { recursive: true });
  const source = await writeSource(transport, parts, folder);
  const output = join(results, 'image');
  try {
    const result = await build({
      source: `${transport}:${source}`,
      output,
      threads: 0,
      blockSize: Number(blockSize),
      data: data === 'zero' ? 'zero' : 'full',
    });
    checkImage(output, result);
  } catch (error) {
    invariant(!existsSync(output), 'there is an image after an error');
    throw error;
  } finally {
    const left = readdirSync(results).filter((name) => name !== 'image');
    invariant(left.length === 0, () => `left behind: ${left}`);
  }
  return 'ok';
}

async function writeSource(
  transport: string,
  parts: readonly Uint8Array[],
  folder: string,
): Promise<string> {
  const path = join(folder, 'source');
  if (transport !== 'oci') writeFileSync(path, parts[0] ?? new Uint8Array(0));
  else
    await writeLayout(
      path,
      parts.map((items) => ({ items, packing: 'none' })),
    );
  return path;
}

function checkImage(path: string, result: { size: number; inodes: number }): void {
  const bytes = readFileSync(path);
  const image = { read: (at: number, length: number) => bytes.subarray(at, at + length) };
  const reader = new ErofsReader(image, crc32c);
  const { inodes } = walkImage(reader);
  const { size, inodeCount } = reader.superblock;
  invariant(
    size === bytes.length && result.size === size,
    () => `${size} bytes, ${bytes.length} written`,
  );
  invariant(
    inodeCount === inodes && result.inodes === inodes,
    () => `${inodeCount} inodes, ${inodes} found`,
  );
}
