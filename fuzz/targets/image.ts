/** Whole builds from damaged archives and layers: an error and no file, or an image that can be read in full. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from '../../src/build/build.ts';
import type { BuildOptions } from '../../src/build/options.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { imageArchives, layoutArchive } from '../lib/archive-corpus.ts';
import { readTar } from '../lib/check-tar.ts';
import { compareWithTree, expectedTree } from '../lib/expected-tree.ts';
import { PARTS, type Parts } from '../lib/form.ts';
import { makeLayer } from '../lib/layer-tar.ts';
import { Mutator } from '../lib/mutate.ts';
import { changeJson, type Json, writeJson } from '../lib/mutate-json.ts';
import type { Random } from '../lib/random.ts';
import { tarCorpus } from '../lib/tar-corpus.ts';
import { changeTar, repairChecksums } from '../lib/tar-mutate.ts';
import { BrokenInvariant, invariant, type Target } from '../lib/target.ts';
import { walkImage } from '../lib/walk-image.ts';

type Options = Partial<BuildOptions>;
type Expected = ReturnType<typeof expectedTree> | undefined;

const OPTIONS: readonly Options[] = [
  {},
  { blockSize: 512 },
  { blockSize: 65_536 },
  { data: 'zero' },
  { symlinkParents: 'extract' },
  { symlinkParents: 'extract', blockSize: 1024 },
  { profile: 'containerd' },
  { profile: 'gvisor' },
  { exclude: ['d', '**/link*'] },
  { allRoot: true, uidOffset: 5, gidOffset: 7 },
];
/** These are for images of one layer. */
const SINGLE_OPTIONS: readonly Options[] = [
  ...OPTIONS,
  { whiteouts: 'overlay' },
  { whiteouts: 'overlay', overlayXattrs: 'user' },
  { index: true },
];
/** Layers whose names meet; others have all that a tar can hold. */
const COLLIDING = 0.8;
const LARGEST_SPARSE = 64 * 1024 * 1024;
const REFUSALS = new Set(['E_PATH', 'E_LINK', 'E_WHITEOUT']);
const { crc32c } = createReferenceKernels();

/** The kind of an input is its source's and the options as JSON, with a blank between. */
export function open(): Target<Parts> {
  const folder = mkdtempSync(join(quickFolder(), 'erofs-wasm-fuzz-'));
  const maker = new InputMaker();
  return {
    form: PARTS,
    make: (random) => maker.make(random),
    check: (input) => checkBuild(input, folder),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** In memory where that can be: each build waits for its file to be on the disk. */
function quickFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

class InputMaker {
  readonly #mutator = new Mutator(tarCorpus());
  readonly #archives = imageArchives();

  make(random: Random): Parts {
    const choice = random.below(10);
    if (choice < 5) {
      const options = random.pick(SINGLE_OPTIONS);
      return { kind: `tar ${JSON.stringify(options)}`, parts: [this.#layer(random)] };
    }
    const options = JSON.stringify(random.pick(OPTIONS));
    if (choice < 8) {
      const known = ['a'];
      const parts = Array.from({ length: 1 + random.below(3) }, () =>
        random.chance(COLLIDING) ? makeLayer(random, known) : this.#layer(random),
      );
      return { kind: `${random.pick(['layers', 'layers', 'gzip-layers'])} ${options}`, parts };
    }
    if (random.chance(0.5)) return this.#documents(random, options);
    const { transport, bytes } = random.pick(this.#archives);
    this.#mutator.load(bytes);
    return { kind: `${transport} ${options}`, parts: [this.#damaged(random)] };
  }

  /** Whole archives with documents that are not what they should be; digests are right. */
  #documents(random: Random, options: string): Parts {
    const write = (value: Json): string =>
      writeJson(random.chance(0.5) ? changeJson(value, random) : value, random);
    const { transport, bytes } = random.pick(imageArchives(write));
    return { kind: `${transport} ${options}`, parts: [bytes] };
  }

  #layer(random: Random): Uint8Array {
    this.#mutator.begin(random);
    return this.#damaged(random);
  }

  #damaged(random: Random): Uint8Array {
    for (let i = random.small(4); i > 0; i--) changeTar(this.#mutator, random);
    repairChecksums(this.#mutator);
    return this.#mutator.result();
  }
}

async function checkBuild({ kind, parts }: Parts, folder: string): Promise<string> {
  const [transport = '', optionText = '{}'] = kind.split(' ');
  const options = JSON.parse(optionText) as Options;
  const source = join(folder, 'source');
  const output = join(folder, 'image');
  if (parts.some(isSpreadThinly)) return 'left out';
  const isStack = transport.endsWith('layers');
  const pack = transport === 'gzip-layers' ? quickly : undefined;
  writeFileSync(source, isStack ? layoutArchive(parts, pack) : (parts[0] ?? new Uint8Array(0)));
  const name = `${isStack ? 'oci-archive' : transport}:${source}`;
  // A layer that says itself that it has no bytes is one that changes nothing, and to the oracle a damaged tar.
  const isTold = isPlain(transport, options) && parts.every(({ length }) => length > 0);
  const expected = isTold ? expectedTree(parts, options.symlinkParents ?? 'overlay') : undefined;
  try {
    const result = await build({ ...options, source: name, output, threads: 0 });
    checkImage(output, result, options, expected);
  } catch (error) {
    invariant(!existsSync(output) || error instanceof BrokenInvariant, 'an image after an error');
    checkRefusal(error, expected);
    throw error;
  } finally {
    rmSync(output, { force: true });
  }
  const left = readdirSync(folder).filter((file) => file !== 'source');
  invariant(left.length === 0, () => `left behind: ${left}`);
  return 'ok';
}

/** Some bytes can ask for a map of megabytes and gigabytes of zeros, within limits: that takes its time. */
function isSpreadThinly(layer: Uint8Array): boolean {
  return readTar(layer, []).entries.some(
    ({ entry }) => entry.sparse && entry.size > LARGEST_SPARSE,
  );
}

function quickly(layer: Uint8Array): Uint8Array {
  return gzipSync(layer, { level: 1 });
}

/** Whether the image is the tree of its layers, with nothing left out or made otherwise. */
function isPlain(transport: string, options: Options): boolean {
  const changes: readonly (keyof Options)[] = [
    'exclude',
    'allRoot',
    'whiteouts',
    'index',
    'profile',
  ];
  return (
    /^(tar|layers|gzip-layers)$/.test(transport) &&
    changes.every((name) => options[name] === undefined)
  );
}

function checkRefusal(error: unknown, expected: Expected): void {
  if (!(error instanceof ErofsWasmError) || typeof expected !== 'object') return;
  invariant(!REFUSALS.has(error.code), () => `layers that are right are refused; ${error.message}`);
}

function checkImage(
  path: string,
  result: { readonly size: number; readonly inodes: number },
  options: Options,
  expected: Expected,
): void {
  invariant(typeof expected !== 'string', () => `an image of layers that are ${expected}`);
  const bytes = readFileSync(path);
  invariant(result.size === bytes.length, () => `${bytes.length} bytes, not ${result.size}`);
  // The content of an index is on another device, which our reader does not look at.
  if (options.index === true) return;
  try {
    const image = { read: (at: number, length: number) => bytes.subarray(at, at + length) };
    const reader = new ErofsReader(image, { crc32c });
    const { inodes } = walkImage(reader);
    const { size, inodeCount } = reader.superblock;
    invariant(result.size === size, () => `superblock: ${size} bytes, not ${result.size}`);
    invariant(inodeCount === inodes && result.inodes === inodes, () => `${inodes} inodes found`);
    if (expected !== undefined) compareWithTree(reader, expected, options.data !== 'zero');
  } catch (error) {
    throw error instanceof BrokenInvariant
      ? error
      : new BrokenInvariant(`the image cannot be read: ${(error as Error).message}`);
  }
}
