/** Limits on what is in a layer, as builds meet them: each one named in its error, and gone when it is raised. */

import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LimitName, Limits } from '../../src/limits.ts';
import { loadLibrary } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { expectLimit } from './expect-limit.ts';

const MIB = 1024 ** 2;

function useBuilds() {
  const path = useWorkFolder();
  let made = 0;
  const source = async (archive: Uint8Array): Promise<string> => {
    const file = path(`source-${++made}.tar`);
    await writeFile(file, archive);
    return `tar:${file}`;
  };
  const builder =
    (from: string, flags: object = {}) =>
    async (limits: Partial<Limits>) => {
      const { build } = await loadLibrary();
      const output = path(`image-${++made}.erofs`);
      return build({ source: from, output, threads: 0, sha256: false, limits, ...flags });
    };
  return { path, source, builder };
}

const xattrs = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`user.n${i}`, 'v'.repeat(length)]));

/** Each limit, how the command spells it, an archive, and the value that the archive just meets. */
const EXACT: readonly [LimitName, string, readonly TarItem[], number][] = [
  ['pathLength', 'path-length', [{ path: `${'d'.repeat(99)}/${'f'.repeat(100)}` }], 200],
  ['pathDepth', 'path-depth', [{ path: 'a/b/c/d/e/f' }], 6],
  ['linkLength', 'link-length', [{ path: 'l', linkPath: 't'.repeat(90) }], 90],
  ['xattrName', 'xattr-name', [{ path: 'f', xattrs: { 'user.twelve-b': 'x' } }], 13],
  ['xattrValue', 'xattr-value', [{ path: 'f', xattrs: { 'user.x': 'v'.repeat(77) } }], 77],
  ['xattrs', 'xattrs', [{ path: 'f', xattrs: xattrs(9, 1) }], 9],
  ['fileSize', 'file-size', [{ path: 'f', body: 'x'.repeat(1234) }], 1234],
  [
    'sparseExtents',
    'sparse-extents',
    [
      {
        path: 'f',
        body: 'abc',
        pax: { 'GNU.sparse.name': 's', 'GNU.sparse.size': '99', 'GNU.sparse.map': '0,1,9,1,20,1' },
      },
    ],
    3,
  ],
];

/** Limits that count memory: a value far too low, and one that is enough. */
const ROUGH: readonly [LimitName, string, readonly TarItem[], number, number][] = [
  ['entries', 'entries', Array.from({ length: 50 }, (_, i) => ({ path: `f${i}` })), 40, 60],
  ['pathTotal', 'path-total', [{ path: `${'d'.repeat(99)}/${'f'.repeat(100)}` }], 100, 2000],
  ['pax', 'pax', [{ path: 'f', xattrs: { 'user.x': 'v'.repeat(5000) } }], 5000, 6000],
  ['xattrBytes', 'xattr-bytes', [{ path: 'f', xattrs: xattrs(10, 100) }], 900, 2000],
  ['xattrTotal', 'xattr-total', [{ path: 'f', xattrs: xattrs(10, 100) }], 500, 100_000],
  [
    'sparsePadding',
    'sparse-padding',
    [
      {
        path: 'f',
        body: 'ab',
        pax: { 'GNU.sparse.name': 's', 'GNU.sparse.size': '9000', 'GNU.sparse.map': '0,1,4096,1' },
      },
    ],
    1000,
    20_000,
  ],
];

describe('a limit on what is in a layer', () => {
  const { path, source, builder } = useBuilds();

  it.each(EXACT)('%s is met exactly', async (name, text, items, exact) => {
    const error = await expectLimit(name, text, exact, builder(await source(tar(items))));
    expect(error.place).toBeTruthy();
  });

  it.each(ROUGH)('%s is one', async (name, text, items, low, enough) => {
    const build = builder(await source(tar(items)));
    const refused = build({ [name]: low });
    await expect(refused).rejects.toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining(`${text}=${low}`),
      hint: `raise it with --limit ${text}=N if the image is trusted`,
    });
    await build({ [name]: enough });
    await build({});
  });

  it('longName is one', async () => {
    const body = `${'n'.repeat(150)}/${'n'.repeat(150)}\0`;
    const items: TarItem[] = [
      { path: '././@LongLink', body, header: { typeflag: 'L' } },
      { path: 'short' },
    ];
    const build = builder(await source(tar(items)));
    await expect(build({ longName: 200 })).rejects.toMatchObject({ code: 'E_LIMIT' });
    await build({ longName: 400 });
  });

  it('unpacked is one, for a layer of any packing', async () => {
    const archive = tar([{ path: 'f', body: 'x'.repeat(20_000) }]);
    for (const bytes of [archive, gzipSync(archive)]) {
      await expectLimit('unpacked', 'unpacked', archive.length, builder(await source(bytes)));
    }
  });

  it('unpackedRatio is one, but not for what is small', async () => {
    const large = gzipSync(tar([{ path: 'zeros', body: new Uint8Array(70 * MIB) }]));
    const build = builder(await source(large));
    await expect(build({ unpackedRatio: 500 })).rejects.toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining('unpacked-ratio=500'),
    });
    await build({});
    const small = gzipSync(tar([{ path: 'zeros', body: new Uint8Array(10 * MIB) }]));
    await builder(await source(small))({ unpackedRatio: 500 });
  });

  it('leaves no output behind, and has no part in the bytes of the image', async () => {
    const folder = path('layout');
    await writeLayout(folder, [{ items: [{ path: 'a', body: 'a' }] }, { items: [{ path: 'b' }] }]);
    const build = builder(`oci:${folder}`, { platform: 'linux/amd64', sha256: true });
    const usual = await build({});
    const other = await build({ entries: 100, pax: 5000, unpacked: MIB });
    expect(other.sha256).toBe(usual.sha256);
    await expect(build({ entries: 1 })).rejects.toMatchObject({ code: 'E_LIMIT' });
  });

  it('is an error of usage where it is none', async () => {
    const from = await source(tar([{ path: 'f' }]));
    for (const limits of [{ entires: 5 }, { entries: -1 }, { entries: 0.5 }, { pax: 2 ** 50 }]) {
      const wrong = limits as Partial<Limits>;
      await expect(builder(from)(wrong)).rejects.toMatchObject({ code: 'E_USAGE' });
    }
  });
});
