/** Limits that count over a whole image, and how early a layer that is over one is left. */

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Limits, resolveLimits } from '../../src/limits.ts';
import { LayerStream } from '../../src/pool/layer-stream.ts';
import { createPool } from '../../src/pool/pool.ts';
import type { LayerSource } from '../../src/sources/source.ts';
import { loadLibrary } from '../support/library.ts';
import { digestOf, writeLayout } from '../support/oci-layout.ts';
import { type TarItem, tar, tarItem } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { expectLimit } from './expect-limit.ts';

const BLOCK = 4096;

describe('limits of a whole image', () => {
  const path = useWorkFolder();
  let made = 0;

  const layers = async (...items: (readonly TarItem[])[]) => {
    const folder = path(`layout-${++made}`);
    await writeLayout(
      folder,
      items.map((list) => ({ items: list })),
    );
    return building(`oci:${folder}`, { platform: 'linux/amd64' });
  };
  const archive = async (bytes: Uint8Array) => {
    const file = path(`${++made}.tar`);
    await writeFile(file, bytes);
    return building(`tar:${file}`);
  };
  const building =
    (source: string, more: object = {}) =>
    async (limits: Partial<Limits>): Promise<void> => {
      const { build } = await loadLibrary();
      const output = path('image.erofs');
      await build({ source, output, threads: 0, sha256: false, limits, ...more });
    };

  it('count the entries of all layers, and the layer that is too much is named', async () => {
    const use = await layers([{ path: 'a' }, { path: 'b' }], [{ path: 'c' }, { path: 'd' }]);
    const error = await expectLimit('entries', 'entries', 4, use);
    expect(error.place).toBe('layer 0: b, offset 512');
  });

  it('count an entry again that comes again', async () => {
    const use = await layers([{ path: 'a' }, { path: 'a' }, { path: 'a' }]);
    await expectLimit('entries', 'entries', 3, use);
  });

  it.each(['overlay', 'extract'])(
    'count directories that only a path names: %s',
    async (parents) => {
      const folder = path(`parents-${parents}`);
      await writeLayout(folder, [{ items: [{ path: 'a/b/c/d/e' }] }, { items: [{ path: 'f/g' }] }]);
      const options = { platform: 'linux/amd64', symlinkParents: parents };
      const error = await expectLimit('entries', 'entries', 7, building(`oci:${folder}`, options));
      expect(error.place).toMatch(/^layer 0: (a\/b\/c\/d\/e, offset 0|in a\/b)/);
    },
  );

  it('count the texts of links of all layers, hard links with their names', async () => {
    const use = await layers(
      [{ path: 'file' }, { path: 'hard', type: 'hardlink', linkPath: 'file' }],
      [{ path: 'soft', linkPath: '/target' }, { path: '.wh.gone' }],
    );
    const names = 'file'.length + 'hard'.length + 'soft'.length;
    const texts = '/target'.length + '.wh.gone'.length + 'hard'.length + 'file'.length;
    await expectLimit('pathTotal', 'path-total', names + texts + 3 * 256, use);
  });

  it('count what the holes of all files cost', async () => {
    const holed = (name: string): TarItem => ({
      path: name,
      body: 'ab',
      pax: { 'GNU.sparse.size': `${2 * BLOCK}`, 'GNU.sparse.map': `0,1,${BLOCK},1` },
    });
    // A byte in each of two blocks, and a map of two entries, for each of three files.
    const cost = 3 * (2 * (BLOCK - 1) + 2 * 4);
    const use = await archive(tar(['x', 'y', 'z'].map(holed)));
    const error = await expectLimit('sparsePadding', 'sparse-padding', cost, use);
    expect(error.place).toMatch(/^layer 0: z, offset \d+$/);
  });

  it.each([
    ['gvisor', 'holes are zeros there'],
    ['default', 'a chunk has room for many blocks'],
  ])('count zeros in the profile %s: %s', async (profile) => {
    const sparse: TarItem = {
      path: 'thin',
      body: 'ab',
      pax: { 'GNU.sparse.size': `${2 ** 40}`, 'GNU.sparse.map': `0,1,${2 ** 39},1` },
    };
    const file = path(`thin-${profile}.tar`);
    await writeFile(file, tar([sparse]));
    await expect(
      building(`tar:${file}`, { profile })({ sparsePadding: 2 ** 20 }),
    ).rejects.toMatchObject({
      code: 'E_LIMIT',
      place: expect.stringContaining('layer 0: thin, offset'),
    });
  });
});

describe('a layer that is over a limit', () => {
  /** Says that it has 2^40 bytes, and counts those that are taken. */
  const endless = (): LayerSource & { taken: number } => {
    const piece = Buffer.concat(Array.from({ length: 1000 }, () => tarItem({ path: 'same' })));
    return {
      index: 3,
      size: 2 ** 40,
      digest: digestOf(piece),
      taken: 0,
      async *open() {
        for (; this.taken < this.size!; this.taken += piece.length) yield piece;
      },
    };
  };

  it.each<[keyof Limits, number]>([
    ['entries', 5000],
    ['unpacked', 4 * 1024 * 1024],
  ])('of %s is left at once, though it is said to be much longer', async (name, value) => {
    const source = endless();
    const stream = new LayerStream(source, createPool(0), {
      kernels: 'reference',
      limits: resolveLimits({ [name]: value }),
      content: 'all',
      slabs: 4,
      checksumFrom: 0,
    });
    const reading = async () => {
      for await (const batch of stream.batches()) stream.release(batch);
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining(`${name}=${value}`),
      place: expect.stringMatching(/^layer 3: /),
    });
    stream.close();
    expect(source.taken).toBeLessThan(32 * 1024 * 1024);
  });
});
