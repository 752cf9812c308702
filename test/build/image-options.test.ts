/** What a caller may change about any image: owners, paths left out, the reader it is made for. */

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { BuildEvent, BuildOptions } from '../../src/index.ts';
import { CHECK_NEEDS, checkImage } from '../support/check-image.ts';
import { ImageFile, imageTree, openImage } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import type { Tree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

function useImages() {
  const path = useWorkFolder();
  let count = 0;
  const image = async (items: readonly TarItem[] | string, options: Partial<BuildOptions> = {}) => {
    const { build } = await loadLibrary();
    const output = path(`image-${++count}.erofs`);
    let source = items;
    if (typeof source !== 'string') {
      const file = path(`source-${count}.tar`);
      await writeFile(file, tar(source));
      source = `tar:${file}`;
    }
    const warnings: string[] = [];
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'warning') warnings.push(`${event.code}: ${event.message}`);
    };
    const platform = 'linux/amd64';
    const result = await build({ source, output, platform, threads: 1, onEvent, ...options });
    return { result, output, warnings, tree: imageTree(output) };
  };
  const layout = async (...layers: readonly (readonly TarItem[])[]) => {
    const folder = path(`layout-${++count}`);
    await writeLayout(
      folder,
      layers.map((items) => ({ items })),
    );
    return `oci:${folder}`;
  };
  return { path, image, layout };
}

const names = (tree: Tree) => [...tree.keys()].filter((name) => name !== '/').sort();
const owners = (tree: Tree) =>
  Object.fromEntries([...tree].map(([path, { uid, gid }]) => [path, `${uid}:${gid}`]));

const OWNED: readonly TarItem[] = [
  { path: 'a', body: 'a', uid: 1000, gid: 2000 },
  { path: 'd/b', body: 'b', uid: 0, gid: 5 },
];

describe('owners', () => {
  const { image, layout } = useImages();

  it.each([
    [{}, { '/': '0:0', '/a': '1000:2000', '/d': '0:0', '/d/b': '0:5' }],
    [{ allRoot: true }, { '/': '0:0', '/a': '0:0', '/d': '0:0', '/d/b': '0:0' }],
    [{ forceUid: 7 }, { '/': '7:0', '/a': '7:2000', '/d': '7:0', '/d/b': '7:5' }],
    [{ forceGid: 4294967295 }, { '/': `0:${2 ** 32 - 1}`, '/a': `1000:${2 ** 32 - 1}` }],
    [
      { uidOffset: 100000, gidOffset: 5 },
      { '/': '100000:5', '/a': '101000:2005' },
    ],
    [
      { allRoot: true, uidOffset: 100000 },
      { '/': '100000:0', '/a': '100000:0' },
    ],
    [
      { forceUid: 10, uidOffset: -10 },
      { '/': '0:0', '/a': '0:2000' },
    ],
  ])('with %j', async (options, expected) => {
    const { tree } = await image(OWNED, options);
    expect(owners(tree)).toMatchObject(expected);
    const layered = await image(await layout([{ path: 'x' }], OWNED), options);
    expect(owners(layered.tree)).toMatchObject(expected);
  });

  it.each([
    [{ uidOffset: 4294967295 }, 'E_RANGE'],
    [{ gidOffset: -1 }, 'E_RANGE'],
    [{ uidOffset: 2 ** 40 }, 'E_USAGE'],
    [{ uidOffset: 0.5 }, 'E_USAGE'],
    [{ forceUid: -1 }, 'E_USAGE'],
    [{ forceUid: 2 ** 32 }, 'E_USAGE'],
    [{ forceGid: 1, allRoot: true }, 'E_USAGE'],
  ])('are refused with %j', async (options, code) => {
    await expect(image(OWNED, options)).rejects.toMatchObject({ code });
  });
});

describe('options of a caller without types', () => {
  const { image } = useImages();

  it.each([
    [{ exclude: 'x' }],
    [{ exclude: [5] }],
    [{ index: 'yes' }],
    [{ allRoot: 'no' }],
    [{ signal: {} }],
    [{ onEvent: 5 }],
    [{ kernels: 'x' }],
    [{ sha256: 0 }],
  ])('%j are refused by name', async (options) => {
    const wrong = options as unknown as Partial<BuildOptions>;
    await expect(image(OWNED, wrong)).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('are refused where there are none', async () => {
    const { build, buildLayers } = await loadLibrary();
    for (const make of [build, buildLayers] as ((options?: unknown) => Promise<unknown>)[]) {
      await expect(make()).rejects.toMatchObject({ code: 'E_USAGE' });
      await expect(make(null)).rejects.toMatchObject({ code: 'E_USAGE' });
    }
  });
});

describe('paths left out', () => {
  const { image, layout, path } = useImages();
  const items: readonly TarItem[] = [
    { path: 'usr/share/doc/x/copyright', body: 'c' },
    { path: 'usr/share/doc2', body: 'd' },
    { path: 'usr/lib/a.pyc', body: 'p' },
    { path: 'usr/lib/deep/b.pyc', body: 'p' },
    { path: 'usr/lib/.hidden', body: 'h' },
    { path: 'r\u00e9sum\u00e9', body: 'r' },
    { path: 'new\nline', body: 'n' },
    { path: '[[]', body: 'b' },
  ];

  it.each([
    [['usr/share/doc'], ['/usr/share/doc', '/usr/share/doc/x', '/usr/share/doc/x/copyright']],
    [['/usr/share/doc/'], ['/usr/share/doc', '/usr/share/doc/x', '/usr/share/doc/x/copyright']],
    [['**/*.pyc'], ['/usr/lib/a.pyc', '/usr/lib/deep/b.pyc']],
    [['usr/lib/*.pyc'], ['/usr/lib/a.pyc']],
    [
      ['usr/lib/**'],
      ['/usr/lib/.hidden', '/usr/lib/a.pyc', '/usr/lib/deep', '/usr/lib/deep/b.pyc'],
    ],
    [['r\u00e9*', 'nothing'], ['/r\u00c3\u00a9sum\u00c3\u00a9']],
    [['doc', 'share/doc'], []],
    [['**/l?b/*.pyc'], ['/usr/lib/a.pyc']],
    [['r?sum?'], ['/r\u00c3\u00a9sum\u00c3\u00a9']],
    [['new*'], ['/new\nline']],
    [
      ['us\\r/share'],
      [
        '/usr/share',
        '/usr/share/doc',
        '/usr/share/doc/x',
        '/usr/share/doc/x/copyright',
        '/usr/share/doc2',
      ],
    ],
    [['\\[\\[\\]'], ['/[[]']],
  ])('by %j', async (exclude, gone) => {
    const { tree } = await image(items);
    const rest = await image(items, { exclude });
    const left = names(rest.tree);
    expect(names(tree).filter((name) => !left.includes(name))).toEqual(gone.toSorted());
  });

  it('do not cost space, whatever layer they are in', async () => {
    const big = randomBytes(1_000_000);
    const source = await layout(
      [{ path: 'cache/big', body: big }],
      [{ path: 'cache/too', body: big }],
    );
    const { result } = await image(source, { exclude: ['cache/*'] });
    expect(result.size).toBe(4096);
  });

  it('leave their content to other names', async () => {
    const body = randomBytes(10_000);
    const linked: readonly TarItem[] = [
      { path: 'cache/a', body },
      { path: 'kept', type: 'hardlink', linkPath: 'cache/a' },
    ];
    const exclude = ['cache'];
    const { tree } = await image(linked, { exclude });
    expect(names(tree)).toEqual(['/kept']);
    expect(tree.get('/kept')).toMatchObject({ size: 10_000, nlink: 1 });
    const stdin = Readable.from([tar(linked)]);
    const piped = await image('tar:-', { exclude, stdin });
    expect(piped.tree.get('/kept')).toEqual(tree.get('/kept'));
  });

  it('stay out of layer images, whiteouts too', async () => {
    const source = await layout([{ path: 'a/x', body: 'x' }, { path: 'b' }], [{ path: 'a/.wh.x' }]);
    const { buildLayers } = await loadLibrary();
    const { images } = await buildLayers({
      source,
      output: path('layers'),
      exclude: ['a'],
      platform: 'linux/amd64',
    });
    expect(images.map((one) => names(imageTree(one.path)))).toEqual([['/b'], []]);
  });

  it('are found in time that does not depend on what a layer calls its files', async () => {
    const hostile = Array.from({ length: 20 }, (_, i) => ({ path: `${'a'.repeat(240)}${i}` }));
    const exclude = [`${'*a'.repeat(40)}b`, `**/${'*a'.repeat(40)}b/**`];
    expect(names((await image(hostile, { exclude })).tree)).toHaveLength(20);
  });

  it.each(['', '/', '.', 'a/../b', '!a', '[a]', '{a,b}', 'x'.repeat(5000)])(
    'are not %j',
    async (pattern) => {
      await expect(image(items, { exclude: [pattern] })).rejects.toMatchObject({ code: 'E_USAGE' });
    },
  );
});

const KINDS: readonly TarItem[] = [
  { path: './', mtime: 1_600_000_000 },
  { path: 'small', body: 'small', mtime: 1_500_000_000, mtimeNsec: 5 },
  { path: 'odd', body: randomBytes(5000), xattrs: { 'user.x': 'y', 'security.other': 'o' } },
  { path: 'link', linkPath: 'small' },
  { path: 'hard', type: 'hardlink', linkPath: 'odd' },
  { path: 'folder/', xattrs: { 'user.y': 'z' } },
  { path: 'folder/empty', body: '' },
  { path: 'null', type: 'char', major: 1, minor: 3 },
];

const SPARSE: readonly TarItem[] = [
  {
    path: 'stored',
    body: 'beginend',
    pax: {
      'GNU.sparse.name': 'sparse',
      'GNU.sparse.size': '200000',
      'GNU.sparse.map': '8192,5,100000,3',
    },
  },
];

describeWith(CHECK_NEEDS, 'a profile', () => {
  const { image } = useImages();

  it('containerd: blocks of their own for files, in the order of the tar; its UUID and time', async () => {
    const { output, tree, result } = await image(KINDS, { profile: 'containerd' });
    await checkImage(output, (await image(KINDS)).tree);
    const reader = openImage(new ImageFile(output));
    const starts = ['/small', '/odd'].map((name) => {
      const inode = [...reader.walk()].find((node) => node.path === name)!.inode;
      const [first] = reader.extents(inode);
      return { offset: first!.offset, inline: first!.offset! % 4096 !== 0 };
    });
    expect(starts).toEqual([
      { offset: 4096, inline: false },
      { offset: 8192, inline: false },
    ]);
    expect(reader.superblock.epoch).toBe(0);
    expect(tree.get('/small')?.mtime).toBe(1_500_000_000_000_000_005n);
    const script = 'import sys, uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, sys.argv[1]))';
    const { stdout } = await run('python3', ['-c', script, `erofs:blobs/${result.sourceDigest}`]);
    expect(result.uuid).toBe(stdout.toString().trim());
  });

  it('containerd: keeps the whiteouts of one layer, and the times whatever the environment says', async () => {
    const { tree } = await image([{ path: 'd/', mtime: 5 }, { path: 'd/.wh.x' }], {
      profile: 'containerd',
    });
    expect(tree.get('/d/x')).toMatchObject({ type: 'char', device: '0:0' });
    expect(tree.get('/d')?.xattrs).toEqual({ 'trusted.overlay.origin': '' });
  });

  it('gvisor: nothing but plain data and no attributes, and it says so', async () => {
    const { output, tree, warnings } = await image(KINDS, { profile: 'gvisor' });
    expect(warnings).toEqual(['no-xattrs: layer 0: extended attributes of 2 entries are left out']);
    const expected = [...(await image(KINDS)).tree].map(
      ([name, entry]) => [name, { ...entry, xattrs: {} }] as const,
    );
    await checkImage(output, new Map(expected));
    expect(tree.get('/odd')?.xattrs).toEqual({});
    const reader = openImage(new ImageFile(output));
    expect(reader.superblock).toMatchObject({ featureIncompat: 0, featureCompat: 3 });
    for (const { inode } of reader.walk()) {
      for (const extent of reader.extents(inode)) expect(extent.offset! % 4096).toBe(0);
    }
  });

  it('gvisor: writes out the holes of a sparse file', async () => {
    const { output, tree } = await image(SPARSE, { profile: 'gvisor' });
    const { tree: holes } = await image(SPARSE);
    expect(tree.get('/sparse')).toEqual(holes.get('/sparse'));
    expect(openImage(new ImageFile(output)).superblock.featureIncompat).toBe(0);
  });

  it.each([
    [{ profile: 'containerd', blockSize: 1024 }],
    [{ profile: 'gvisor', blockSize: 16384 }],
    [{ profile: 'gvisor', data: 'zero' }],
    [{ profile: 'gvisor', index: true }],
    [{ profile: 'toaster' }],
    [{ whiteouts: 'perhaps' }],
    [{ overlayXattrs: 'system' }],
    [{ symlinkParents: 'no' }],
  ])('does not go with %j', async (options) => {
    const wrong = options as Partial<BuildOptions>;
    await expect(image(KINDS, wrong)).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('gvisor: has no form for an opaque directory', async () => {
    const items: TarItem[] = [{ path: 'd/' }, { path: 'd/.wh..wh..opq' }];
    const options = { profile: 'gvisor', whiteouts: 'overlay' } as const;
    await expect(image(items, options)).rejects.toMatchObject({ code: 'E_IMAGE_LIMIT' });
  });
});
