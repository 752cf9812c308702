/** Images of every kind are proved by `verify` with the options they were built with, and refused with others. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sparseArchive } from '../../fuzz/lib/sparse-archive.ts';
import { fromLatin1 } from '../../src/bytes.ts';
import type { BuildOptions, VerifyOptions, VerifyResult } from '../../src/index.ts';
import { ImageEditor } from '../support/edit-image.ts';
import { loadLibrary } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const TIME = 1_600_000_000;

const BASE: readonly TarItem[] = [
  { path: 'usr/lib/', mode: 0o2755, uid: 5, gid: 6, mtime: TIME },
  { path: 'usr/lib/a', body: 'a'.repeat(5000), mode: 0o4755, mtime: TIME, mtimeNsec: 12 },
  { path: 'usr/lib/zeros', body: new Uint8Array(20_000) },
  { path: 'usr/lib/equal', body: 'a'.repeat(5000), mtime: -5 },
  { path: 'lib', linkPath: 'usr/lib' },
  { path: 'hard1', body: 'hard', uid: 70_000, gid: 70_000 },
  { path: 'hard2', type: 'hardlink', linkPath: 'hard1' },
  { path: 'hidden/' },
  { path: 'hidden/old', body: 'o'.repeat(9000) },
  { path: 'hidden/deep/', xattrs: { 'user.deep': '1' } },
  { path: 'gone', body: 'gone' },
  { path: 'null', type: 'char', major: 259, minor: 70_000, mode: 0o666 },
  { path: 'disk', type: 'block', major: 8, minor: 1 },
  { path: 'pipe', type: 'fifo', uid: 3 },
  { path: 'x', xattrs: { 'user.x': 'v', 'security.capability': '\x01\x02', 'trusted.t': '' } },
  {
    path: 'y',
    xattrs: { 'user.x': 'v', 'system.posix_acl_access': 'acl', 'odd.name': 'left out' },
  },
  { path: 'z', xattrs: { 'user.x': 'v', 'trusted.overlay.opaque': 'y' } },
  { path: fromLatin1('odd \x80\xff\n\x1b[31m'), body: 'odd' },
  { path: `${'n'.repeat(255)}/${'m'.repeat(255)}/.x`, body: 'x' },
  { path: '!before-the-dots', body: '!' },
];
const MIDDLE: readonly TarItem[] = [
  { path: '.wh.gone', body: '' },
  { path: 'hidden/.wh..wh..opq', body: '' },
  { path: 'hidden/new', body: 'new', mtime: TIME + 10 },
  { path: 'lib/through', body: 'through' },
  { path: 'kept', type: 'hardlink', linkPath: 'hard1' },
  { path: 'pipe/', mode: 0o700 },
  { path: 'pipe/in', body: 'in', xattrs: { 'user.x': 'v' } },
];
const TOP: readonly TarItem[] = [
  { path: 'hard1', body: 'replaced' },
  { path: 'made/of/path', body: 'p' },
  { path: 'usr/.wh.none', body: '' },
  { path: 'char', type: 'char', major: 0, minor: 0 },
];
const SPARSE = sparseArchive({
  ...{ form: '1.0', realSize: 30_000_001, stored: 9000 },
  rows: [
    [4096, 5000],
    [20_000_000, 4000],
  ],
});
const ALONE = [
  ...BASE,
  ...MIDDLE.filter(({ type }) => type !== 'hardlink'),
  TOP[2]!,
  TOP[3]!,
].filter(({ path }) => path !== 'lib/through' && !String(path).startsWith('pipe/'));

type Options = Partial<BuildOptions>;

/** Options that change what is in the image, with what is reported first where `verify` does not get them. */
const ROWS: readonly (readonly [options: Options, what: string | undefined])[] = [
  [{}, undefined],
  [{ blockSize: 512, label: 'label', uuid: '00000000-0000-0000-0000-000000000001' }, undefined],
  [{ blockSize: 65_536 }, undefined],
  [{ threads: 3 }, undefined],
  [{ data: 'zero' }, 'content'],
  [{ exclude: ['usr/lib', '**/.x', 'n*'] }, 'entry'],
  [{ exclude: ['hard?', 'hidden/**', 'odd ?', 'odd *'] }, 'entry'],
  [{ allRoot: true }, 'uid'],
  [{ forceUid: 7, forceGid: 4_294_967_295 }, 'uid'],
  [{ uidOffset: 100_000, gidOffset: 5 }, 'uid'],
  [{ forceUid: 7, uidOffset: -7 }, 'uid'],
  [{ symlinkParents: 'extract' }, 'type'],
  [{ profile: 'containerd', blockSize: 4096 }, undefined],
  [{ profile: 'gvisor' }, 'xattr user.x'],
  [{ timestamp: 12_345 }, undefined],
  [{ index: true }, undefined],
];

/** Those of images of one layer. */
const SINGLE_ROWS: typeof ROWS = [
  [{}, undefined],
  [{ whiteouts: 'overlay' }, 'entry'],
  [{ whiteouts: 'overlay', overlayXattrs: 'user' }, 'entry'],
  [{ whiteouts: 'overlay', exclude: ['hidden', 'gone'] }, 'entry'],
  [{ whiteouts: 'overlay', uidOffset: 10 }, 'entry'],
  [{ profile: 'containerd' }, 'entry'],
  [{ profile: 'containerd', whiteouts: 'apply' }, undefined],
  [{ index: true }, undefined],
];

describe('an image', () => {
  const path = useWorkFolder();
  let layers = '';
  let single = '';

  beforeAll(async () => {
    await writeLayout(path('layers'), [
      { items: BASE },
      { items: MIDDLE, packing: 'none' },
      { items: SPARSE },
      { items: TOP },
    ]);
    layers = `oci:${path('layers')}`;
    await writeFile(path('single.tar'), tar(ALONE));
    single = `tar:${path('single.tar')}`;
  });

  const build = async (source: string, options: Options) => {
    const library = await loadLibrary();
    const output = path('image');
    await library.build({ source, output, platform: 'linux/amd64', threads: 0, ...options });
  };
  const verify = async (source: string, options: object): Promise<VerifyResult> => {
    const { verifyImage } = await loadLibrary();
    const { blockSize: _, label: __, uuid: ___, ...rest } = options as Options;
    const wishes: VerifyOptions = {
      image: path('image'),
      source,
      platform: 'linux/amd64',
      threads: 0,
    };
    return verifyImage({ ...wishes, ...rest });
  };
  const expectEqual = (result: VerifyResult) => {
    const { equal, differenceCount, differences } = result;
    expect({ equal, differenceCount, differences }).toEqual({
      equal: true,
      differenceCount: 0,
      differences: [],
    });
  };

  it.each(ROWS)('of four layers with %j', async (options, what) => {
    await build(layers, options);
    expectEqual(await verify(layers, options));
    const other = await verify(layers, { maxDifferences: Infinity });
    expect(other.equal).toBe(what === undefined);
    if (what !== undefined) expect(other.differences.map((one) => one.what)).toContain(what);
  });

  it.each(SINGLE_ROWS)('of one layer with %j', async (options, what) => {
    await build(single, options);
    expectEqual(await verify(single, options));
    const other = await verify(single, {});
    expect(other.equal).toBe(what === undefined);
    if (what !== undefined) expect(other.differences.map((one) => one.what)).toContain(what);
  });

  it.each([0, 3])('of layer %j alone', async (layer) => {
    await build(layers, { layer });
    expectEqual(await verify(layers, { layer }));
    expect((await verify(layers, { layer: 2 })).equal).toBe(false);
    expect((await verify(layers, {})).equal).toBe(false);
  });

  it('of a sparse layer alone, whose holes may have become data', async () => {
    await build(layers, { layer: 2 });
    expectEqual(await verify(layers, { layer: 2 }));
    const image = await ImageEditor.open(path('image'));
    image.changeContent('/s', 20_000_000);
    await image.save(path('image'));
    const { differences } = await verify(layers, { layer: 2 });
    expect(differences).toMatchObject([{ path: '/s', what: 'content' }]);
  });

  it('of a layer of many, as `buildLayers` makes them', async () => {
    const { buildLayers, verifyImage } = await loadLibrary();
    const stackable = [BASE, MIDDLE.filter(({ type }) => type !== 'hardlink'), TOP];
    await writeLayout(
      path('stack'),
      stackable.map((items) => ({ items })),
    );
    const source = `oci:${path('stack')}`;
    const common = { source, platform: 'linux/amd64', threads: 0 };
    for (const profile of ['default', 'containerd'] as const) {
      const { images } = await buildLayers({ ...common, profile, output: path(profile) });
      for (const [layer, { path: image }] of images.entries()) {
        const options = { ...common, profile, layer, whiteouts: 'overlay' } as const;
        expectEqual(await verifyImage({ ...options, image }));
      }
    }
  });

  it('of a time that is limited by SOURCE_DATE_EPOCH', async () => {
    process.env.SOURCE_DATE_EPOCH = `${TIME - 1}`;
    try {
      await build(layers, {});
      expectEqual(await verify(layers, {}));
    } finally {
      delete process.env.SOURCE_DATE_EPOCH;
    }
    const { differences } = await verify(layers, {});
    expect(new Set(differences.map(({ what }) => what))).toEqual(new Set(['time']));
  });

  it('of a time that was asked for, where another one is', async () => {
    await build(layers, { timestamp: 5 });
    const { differences } = await verify(layers, { timestamp: 6, maxDifferences: 1 });
    expect(differences).toEqual([{ path: '/', what: 'image time', expected: '6', found: '5' }]);
  });

  it('of metadata alone, with its tars and without', async () => {
    await build(single, { index: true });
    const devices = [path('single.tar')];
    expectEqual(await verify(single, { index: true, devices }));
    const damaged = tar(ALONE);
    damaged[Buffer.from(damaged).lastIndexOf('a'.repeat(100))]!++;
    await writeFile(path('damaged.tar'), damaged);
    const found = await verify(single, { index: true, devices: [path('damaged.tar')] });
    expect(found.differences).toMatchObject([{ path: '/usr/lib/equal', what: 'content' }]);
    const index = await readFile(path('image'));
    for (const [behind, isEqual] of [
      [tar(ALONE), true],
      [damaged, false],
    ] as const) {
      await writeFile(path('flat'), Buffer.concat([index, behind]));
      expect((await verify(single, { image: path('flat') })).equal).toBe(isEqual);
    }
    // Without the tar, that the content lies elsewhere in it is found.
    await writeFile(path('other.tar'), tar([{ path: 'more/' }, ...ALONE]));
    const moved = await verify(`tar:${path('other.tar')}`, { maxDifferences: Infinity });
    const told = moved.differences.map(({ path: place, what }) => `${place} ${what}`);
    expect(told).toContain('/ device 1');
    expect(told).toContain('/more entry');
    expect(told).toContain('/usr/lib/a content');
  });

  it('of metadata alone, and says what was not read without its tar', async () => {
    await build(single, { index: true });
    const files = ALONE.filter(({ body }) => body !== undefined && body.length > 0);
    const unread = await verify(single, {});
    expectEqual(unread);
    expect(unread.unreadFiles).toBe(files.length);
    // What fills a disk up behind an image is no tar.
    await writeFile(
      path('padded'),
      Buffer.concat([await readFile(path('image')), Buffer.alloc(512)]),
    );
    expect((await verify(single, { image: path('padded') })).unreadFiles).toBe(files.length);
    const read = await verify(single, { devices: [path('single.tar')] });
    expectEqual(read);
    expect(read.unreadFiles).toBe(0);
  });

  it('of metadata alone, and takes no device for the tar that does not say what it is', async () => {
    await build(single, { index: true });
    const { sourceDigest } = await verify(single, {});
    const hex = sourceDigest.slice('sha256:'.length);
    const bytes = await readFile(path('image'));
    bytes.fill(0, bytes.indexOf(hex), bytes.indexOf(hex) + hex.length);
    await writeFile(path('untagged'), bytes);
    const editor = await ImageEditor.open(path('untagged'));
    await editor.save(path('untagged'));
    const image = path('untagged');
    expect((await verify(single, { image })).differences).toEqual([
      { path: '/', what: 'device 1', expected: hex, found: 'without a tag' },
    ]);
    expectEqual(await verify(single, { image, devices: [path('single.tar')] }));
  });

  it('of content, where one of metadata is expected', async () => {
    await build(single, {});
    const { differences } = await verify(single, { index: true });
    expect(differences).toEqual([{ path: '/', what: 'devices', expected: '1', found: '0' }]);
  });

  it('is compared in part where less is told than there is', async () => {
    await build(layers, {});
    const one = await verify(layers, { uidOffset: 1, maxDifferences: 1 });
    expect(one.differences).toHaveLength(1);
    expect(one.differenceCount).toBeGreaterThan(20);
    expect((await verify(layers, { uidOffset: 1 })).differences).toHaveLength(20);
    const all = await verify(layers, { uidOffset: 1, maxDifferences: Infinity });
    expect(all.differences).toHaveLength(all.differenceCount);
    await rm(path('image'));
  });
});
