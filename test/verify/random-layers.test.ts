/** Random stacks of layers, built with random options: what our build makes of them, `verify` finds no fault with. */

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layoutArchive } from '../../fuzz/lib/archive-corpus.ts';
import { build } from '../../src/build/build.ts';
import type { BuildOptions } from '../../src/build/options.ts';
import { verifyImage } from '../../src/build/verify-image.ts';
import { fromLatin1 } from '../../src/bytes.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { type ArbitraryLayersOptions, arbitraryLayers } from '../support/arbitrary-layers.ts';
import type { SimpleEntry } from '../support/naive-layers.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';

const RUNS = 150;
const SIZES = [0, 1, 600, 4096, 5000];
const seed = Number(process.env.FAST_CHECK_SEED ?? 20261127);
const numRuns = Number(process.env.FAST_CHECK_RUNS ?? RUNS);

const PLAIN: readonly Partial<BuildOptions>[] = [
  {},
  { symlinkParents: 'extract' },
  { blockSize: 512 },
  { data: 'zero' },
  { exclude: ['a', '**/b/c'] },
  { exclude: ['?/**', 'c'], symlinkParents: 'extract' },
  { allRoot: true, uidOffset: 5 },
  { profile: 'gvisor' },
  { index: true },
];
const OF_ONE: readonly Partial<BuildOptions>[] = [
  ...PLAIN,
  { whiteouts: 'overlay' },
  { whiteouts: 'overlay', overlayXattrs: 'user', gidOffset: 3 },
  { whiteouts: 'overlay', exclude: ['a/b', 'c'] },
  { profile: 'containerd' },
];

/** What tells an entry from others is in its owner, time, content and attributes. */
function itemOf({ path, type, target, device, id }: SimpleEntry): TarItem {
  const body = type === 'file' ? String.fromCharCode(97 + (id % 3)).repeat(SIZES[id % 5]!) : '';
  return {
    path: fromLatin1(path),
    type,
    mode: 0o600 + (id % 0o100),
    uid: id,
    mtime: id,
    body,
    ...(target === undefined ? {} : { linkPath: fromLatin1(target) }),
    ...(type === 'char' || type === 'block' ? { major: device ?? 0, minor: device ?? 0 } : {}),
    ...(id % 4 === 0 ? { xattrs: { 'trusted.id': `${id % 8}`, 'user.same': 'same' } } : {}),
  };
}

let folder = '';
beforeAll(async () => {
  // Each build waits for its file to be on the disk, which memory is at once.
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'erofs-wasm-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What no layer can be the reason of. */
const OURS: readonly string[] = ['failed', 'internal'];

async function outcome<T>(work: Promise<T>): Promise<T | string> {
  return work.catch((error: unknown) => {
    if (error instanceof ErofsWasmError && !OURS.includes(error.category)) return error.code;
    throw error;
  });
}

it.each<[string, ArbitraryLayersOptions, readonly Partial<BuildOptions>[]]>([
  ['layers as they come', {}, PLAIN],
  ['layers that are not odd', { odd: false, maxEntries: 12 }, PLAIN],
  ['one layer as it comes', { maxLayers: 1 }, OF_ONE],
  ['one layer that is not odd', { maxLayers: 1, odd: false, maxEntries: 16 }, OF_ONE],
])('no difference in an image of %s', async (_, shape, choices) => {
  let equal = 0;
  const image = join(folder, 'image');
  const file = join(folder, 'source.tar');
  await build({ source: `tar:${await emptyTar()}`, output: join(folder, 'empty'), threads: 0 });
  await fc.assert(
    fc.asyncProperty(
      arbitraryLayers(shape),
      fc.constantFrom(...choices),
      async (layers, options) => {
        await writeFile(file, layoutArchive(layers.map((entries) => tar(entries.map(itemOf)))));
        const common = { ...options, source: `oci-archive:${file}`, threads: 0 };
        const built = await outcome(build({ ...common, output: image, sha256: false }));
        const { blockSize: __, ...rest } = common;
        const isBuilt = typeof built === 'object';
        const target = isBuilt ? image : join(folder, 'empty');
        const verified = await outcome(verifyImage({ ...rest, image: target }));
        if (!isBuilt && typeof verified === 'string') return;
        // What an image has no form for, its model may well have.
        if (built === 'E_IMAGE_LIMIT') return;
        expect([built, verified]).toMatchObject([{}, { differences: [], equal: true }]);
        equal++;
      },
    ),
    { seed, numRuns },
  );
  expect(equal).toBeGreaterThan(numRuns / 10);
});

async function emptyTar(): Promise<string> {
  const file = join(folder, 'empty.tar');
  await writeFile(file, tar([]));
  return file;
}
