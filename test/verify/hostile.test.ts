/** Sources and images that are large, deep, endless or cancelled: `verify` ends, with a result or an error. */

import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sparseArchive } from '../../fuzz/lib/sparse-archive.ts';
import type { BuildEvent, VerifyOptions, VerifyResult } from '../../src/index.ts';
import { DEFAULT_LIMITS, type LimitName } from '../../src/limits.ts';
import { Census } from '../../src/verify/model/census.ts';
import { nameOf } from '../check/crafted.ts';
import { loadLibrary } from '../support/library.ts';
import { longClusters } from '../support/long-clusters.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const DEEP = `${'d/'.repeat(1000)}file`;
const MANY = 30_000;

describe('verify', () => {
  const path = useWorkFolder();
  let count = 0;

  const image = async (items: readonly TarItem[] | Uint8Array, options: object = {}) => {
    const { build } = await loadLibrary();
    const file = path(`${++count}.tar`);
    await writeFile(file, items instanceof Uint8Array ? items : tar(items));
    const output = path(`${count}.erofs`);
    await build({ source: `tar:${file}`, output, threads: 0, sha256: false, ...options });
    return { source: `tar:${file}`, image: output, threads: 0 };
  };
  const verify = async (options: VerifyOptions): Promise<VerifyResult> => {
    const { verifyImage } = await loadLibrary();
    return verifyImage(options);
  };

  it('takes deep trees, wide folders and names in any order', async () => {
    const wide = Array.from({ length: MANY }, (_, i) => ({ path: `wide/${i % 7}${i}` }));
    const { equal, names } = await verify(await image([{ path: DEEP, body: 'x' }, ...wide]));
    expect({ equal, names }).toEqual({ equal: true, names: 1 + 1001 + 1 + MANY });
  });

  it('takes no time for a hole of terabytes', async () => {
    const archive = sparseArchive({
      form: '1.0',
      realSize: 2 ** 42,
      rows: [[0, 100]],
      stored: 100,
    });
    expect((await verify(await image(archive))).equal).toBe(true);
    const zero = await image(archive, { data: 'zero' });
    const { differences } = await verify(zero);
    expect(differences).toMatchObject([{ what: 'content' }]);
    expect((await verify({ ...zero, data: 'zero' })).equal).toBe(true);
  });

  it('does not unpack the metadata of an image over and over', async () => {
    const items = Array.from({ length: 300 }, (_, index) => ({ path: nameOf(index) }));
    const built = await image(items);
    await writeFile(built.image, longClusters(6, items.length));
    const { differences } = await verify(built);
    expect(differences).toContainEqual(
      expect.objectContaining({
        what: 'damage',
        found: expect.stringMatching(/more unpacking than it has room for/),
      }),
    );
  });

  it.each<[LimitName, number]>([
    ['entries', 3],
    ['pathDepth', 10],
    ['pathTotal', 500],
    ['xattrTotal', 100],
    ['unpacked', 1000],
  ])('keeps to the limit %s', async (name, value) => {
    const items = [
      { path: DEEP, body: 'x' },
      { path: 'a', xattrs: { 'user.a': 'a'.repeat(100) } },
      ...Array.from({ length: 20 }, (_, i) => ({ path: `link${i}`, linkPath: 'l'.repeat(100) })),
    ];
    const built = await image(items);
    await expect(verify({ ...built, limits: { [name]: value } })).rejects.toMatchObject({
      code: 'E_LIMIT',
    });
  });

  it('keeps to the memory that Node.js may take', () => {
    const census = new Census({ ...DEFAULT_LIMITS, heap: 1_000_000 });
    const fill = () => {
      for (let i = 0; i < 5000; i++) census.name('name', 1, 'a/path');
    };
    expect(fill).toThrow(/more names than there is memory for \(a\/path\).*--max-old-space-size/);
  });

  it('follows no more links than a build could ever need', () => {
    const census = new Census({ ...DEFAULT_LIMITS, heap: Number.POSITIVE_INFINITY });
    const follow = () => {
      for (let names = 0; names <= 2 ** 26; names++) census.followed('a');
    };
    expect(follow).toThrow(/lead through too many names/);
  });

  it.each(['resolve', 'read', 'layer-done', 'verify'])('is cancelled at %s', async (when) => {
    const cancel = new AbortController();
    const onEvent = (event: BuildEvent) => {
      if (event.type === when || (event.type === 'phase' && event.phase === when)) cancel.abort();
    };
    for (const threads of [0, 2]) {
      const built = await image([{ path: 'a', body: 'a'.repeat(100_000) }]);
      const options = { ...built, threads, onEvent, signal: cancel.signal };
      await expect(verify(options)).rejects.toMatchObject({
        code: 'E_ABORTED',
        place: built.image,
      });
    }
  });

  it('leaves no file, thread or handle behind', async () => {
    const built = await image([{ path: 'a', body: 'a' }]);
    await verify({ ...built, threads: 2 });
    const open = async () => (await readdir('/proc/self/fd')).length;
    const before = await open();
    for (let i = 0; i < 5; i++) await verify({ ...built, threads: 2 });
    await expect(verify({ ...built, source: 'tar:/nonexistent' })).rejects.toThrow();
    await expect(verify({ ...built, image: '/nonexistent' })).rejects.toThrow();
    expect(await open()).toBeLessThanOrEqual(before);
  });

  it('refuses what is no option', async () => {
    const built = await image([]);
    for (const wrong of [
      { image: '' },
      { image: 5 },
      { devices: 'x' },
      { maxDifferences: 1.5 },
      { whiteouts: 'keep' },
      { source: '' },
    ]) {
      const options = { ...built, ...wrong } as unknown as VerifyOptions;
      await expect(verify(options)).rejects.toMatchObject({ code: 'E_USAGE' });
    }
  });
});
