/** An image of each layer: its place, its whiteouts as overlayfs has them, and what stacking the images shows. */

import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BuildEvent, LayersOptions, LayersResult } from '../../src/index.ts';
import { imageTree } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { MOUNT_NEEDS, withOverlay } from '../support/mount.ts';
import { type LayerText, writeLayout } from '../support/oci-layout.ts';
import { comparable } from '../support/stacked-layers.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { compareTrees, type Tree, walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const PLATFORM = { platform: 'linux/amd64', timestamp: 0 };

function useLayers() {
  const path = useWorkFolder();
  let count = 0;
  const layout = async (...layers: readonly (readonly TarItem[])[]): Promise<string> => {
    const folder = path(`layout-${++count}`);
    const texts: LayerText[] = layers.map((items) => ({ items }));
    await writeLayout(folder, texts);
    return `oci:${folder}`;
  };
  const build = async (source: string, options: Partial<LayersOptions> = {}) => {
    const { buildLayers } = await loadLibrary();
    const warnings: string[] = [];
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'warning') warnings.push(event.code);
    };
    const output = path(`images-${++count}`);
    const result = await buildLayers({ source, output, ...PLATFORM, onEvent, ...options });
    return { result, warnings, trees: result.images.map((image) => imageTree(image.path)) };
  };
  const flat = async (source: string): Promise<Tree> => {
    const library = await loadLibrary();
    const output = path(`flat-${++count}.erofs`);
    await library.build({ source, output, ...PLATFORM });
    return imageTree(output);
  };
  return { path, layout, build, flat };
}

const names = (tree: Tree) => [...tree.keys()].filter((name) => name !== '/').sort();

const BASE: readonly TarItem[] = [
  { path: './' },
  { path: 'etc/', mode: 0o750, uid: 7 },
  { path: 'etc/a', body: 'a0' },
  { path: 'etc/b', body: 'b0' },
  { path: 'gone/' },
  { path: 'gone/deep/' },
  { path: 'gone/deep/x', body: 'x' },
  { path: 'new/' },
  { path: 'new/old', body: 'old' },
  { path: 'becomes-file/' },
  { path: 'becomes-file/x', body: 'x' },
  { path: 'becomes-folder', body: 'f' },
];

const CHANGES: readonly TarItem[] = [
  { path: 'etc/', mode: 0o750, uid: 7 },
  { path: 'etc/.wh.a' },
  { path: '.wh.gone' },
  { path: 'new/' },
  { path: 'new/.wh..wh..opq' },
  { path: 'new/fresh', body: 'fresh' },
  { path: 'becomes-file', body: 'now' },
  { path: 'becomes-folder/' },
  { path: 'becomes-folder/y', body: 'y' },
];

describe('an image of a layer', () => {
  const { path, layout, build } = useLayers();

  it('lies under its diff_id, and is the same whatever image the layer is in', async () => {
    const digest = createHash('sha256').update(tar(BASE)).digest('hex');
    const one = await build(await layout(BASE));
    const two = await build(await layout([{ path: 'z', body: 'z' }], BASE), { threads: 0 });
    const [image] = one.result.images;
    expect(image).toMatchObject({
      diffId: `sha256:${digest}`,
      path: `${one.result.output}/sha256/${digest.slice(0, 2)}/${digest}.erofs`,
      reused: false,
    });
    expect(await readFile(two.result.images[1]!.path)).toEqual(await readFile(image!.path));
    const hash = createHash('sha256')
      .update(await readFile(image!.path))
      .digest('hex');
    expect(image).toMatchObject({ sha256: `sha256:${hash}`, size: (await stat(image!.path)).size });
  });

  it('has whiteouts as devices 0:0 and opaque directories as an attribute', async () => {
    const { trees } = await build(await layout(BASE, CHANGES));
    const upper = trees[1]!;
    expect(upper.get('/etc/a')).toMatchObject({ type: 'char', device: '0:0', mode: 0 });
    expect(upper.get('/gone')).toMatchObject({ type: 'char', device: '0:0' });
    expect(upper.get('/new')?.xattrs).toEqual({ 'trusted.overlay.opaque': 'y' });
    expect(upper.get('/etc')).toMatchObject({ mode: 0o750, uid: 7 });
    expect(upper.get('/etc')?.xattrs).toEqual({ 'trusted.overlay.origin': '' });
    expect(names(upper).filter((name) => name.includes('.wh.'))).toEqual([]);
  });

  it('has them in the namespace for mounts without rights where that is asked for', async () => {
    const { trees } = await build(await layout(BASE, CHANGES), { overlayXattrs: 'user' });
    expect(trees[1]!.get('/new')?.xattrs).toEqual({ 'user.overlay.opaque': 'y' });
  });

  it('makes a deleted and filled again directory opaque, wherever the whiteout stands', async () => {
    const filled: TarItem[] = [{ path: 'd/' }, { path: 'd/x', body: 'x' }];
    for (const items of [
      [{ path: '.wh.d' }, ...filled],
      [...filled, { path: '.wh.d' }],
    ]) {
      const { trees } = await build(await layout(BASE, items));
      expect(names(trees[1]!)).toEqual(['/d', '/d/x']);
      expect(trees[1]!.get('/d')?.xattrs).toEqual({ 'trusted.overlay.opaque': 'y' });
    }
  });

  it('tells of directories that the layer only passes through', async () => {
    const { trees, warnings } = await build(await layout(BASE, [{ path: 'etc/.wh.a' }]));
    expect(warnings).toEqual(['undescribed-directory']);
    expect(trees[1]!.get('/etc')).toMatchObject({ mode: 0o755, uid: 0, gid: 0, mtime: 0n });
  });

  it('is built once for equal layers, and not again where it is there', async () => {
    const source = await layout(BASE, CHANGES, BASE);
    const first = await build(source);
    const [lower, , upper] = first.result.images;
    expect(upper).toEqual(lower);
    expect(await readdir(`${first.result.output}/sha256`)).toHaveLength(2);
    const times = await modified(first.result);
    const again = await build(source, { output: first.result.output });
    expect(again.result.images.map(({ reused }) => reused)).toEqual([true, true, true]);
    expect(again.result.bytesFetched).toBe(0);
    expect(await modified(again.result)).toEqual(times);
    expect(again.result.images.map(({ sha256 }) => sha256)).toEqual(
      first.result.images.map(({ sha256 }) => sha256),
    );
  });

  it('does not take the place of another one unless it is told to', async () => {
    const source = await layout(BASE);
    const { result } = await build(source);
    const [image] = result.images;
    const options = { output: result.output, blockSize: 1024 };
    await expect(build(source, options)).rejects.toMatchObject({ code: 'E_OUTPUT' });
    await writeFile(`${image!.path}.dmverity`, '{}');
    const forced = await build(source, { ...options, force: true });
    expect(forced.result.images[0]).toMatchObject({ reused: false, path: image!.path });
    expect(await readdir(dirname(image!.path))).toHaveLength(1);
    const damaged = await readFile(image!.path);
    await writeFile(image!.path, damaged.subarray(0, damaged.length - 1));
    await expect(build(source, options)).rejects.toMatchObject({ code: 'E_OUTPUT' });
  });

  it.each([
    [{ allRoot: true }],
    [{ exclude: ['etc'] }],
    [{ data: 'zero' as const }],
    [{ overlayXattrs: 'user' as const }],
    [{ index: true }],
  ])('is not taken for one that was built with %j', async (options) => {
    const source = await layout(BASE);
    const { result } = await build(source, { profile: 'containerd' });
    const { output } = result;
    const other = build(source, { profile: 'containerd', output, ...options });
    await expect(other).rejects.toMatchObject({ code: 'E_OUTPUT' });
    const { buildLayers } = await loadLibrary();
    const forced = { ...PLATFORM, profile: 'containerd', output, ...options, force: true } as const;
    const { images } = await buildLayers({ source, ...forced });
    expect(images[0]!.reused).toBe(false);
  });

  it('does not take the place of another one where only its bytes tell its name', async () => {
    const file = path('named-late.tar');
    await writeFile(file, tar(BASE));
    const { result } = await build(`tar:${file}`);
    const options = { output: result.output, allRoot: true };
    await expect(build(`tar:${file}`, options)).rejects.toMatchObject({ code: 'E_OUTPUT' });
    await build(`tar:${file}`, { ...options, force: true });
  });

  it('is not waited for where a pipe is in its place', async () => {
    const source = await layout(BASE);
    const { result } = await build(source);
    await rm(result.images[0]!.path);
    await run('mkfifo', [result.images[0]!.path]);
    const again = build(source, { output: result.output });
    await expect(again).rejects.toMatchObject({ code: 'E_OUTPUT' });
  });

  it('may have very many whiteouts in one directory', async () => {
    const items = Array.from({ length: 150_000 }, (_, i) => ({ path: `.wh.f${i}` }));
    const { trees } = await build(await layout(BASE, items));
    expect(trees[1]!.size).toBe(items.length + 1);
  });

  it('is left complete, with no trace of the others, where another layer fails', async () => {
    const bad: TarItem[] = [{ path: 'x', body: randomBytes(100_000) }];
    const folder = path('broken');
    await writeLayout(folder, [{ items: BASE }, { items: bad, lie: { diffId: OTHER } }]);
    const output = path('broken-images');
    await expect(build(`oci:${folder}`, { output })).rejects.toMatchObject({ code: 'E_DIGEST' });
    const files = await readdir(output, { recursive: true });
    expect(files.filter((name) => name.includes('partial'))).toEqual([]);
    for (const file of files.filter((name) => name.endsWith('.erofs'))) {
      expect(imageTree(`${output}/${file}`).size).toBe(BASE.length);
    }
  });

  it('leaves complete images and nothing else where it is cancelled', async () => {
    const layers = Array.from({ length: 6 }, (_, i) => [
      { path: `f${i}`, body: randomBytes(300_000) },
    ]);
    const source = await layout(...layers);
    const stop = new AbortController();
    const { buildLayers } = await loadLibrary();
    const output = path('cancelled');
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'layer-image') stop.abort();
    };
    const building = buildLayers({ source, output, ...PLATFORM, signal: stop.signal, onEvent });
    await expect(building).rejects.toMatchObject({ code: 'E_ABORTED', place: output });
    const files = await readdir(output, { recursive: true });
    expect(files.filter((name) => name.includes('partial'))).toEqual([]);
    const images = files.filter((name) => name.endsWith('.erofs'));
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) expect(imageTree(`${output}/${image}`).size).toBe(2);
  });

  it('is refused where overlayfs has no form for it', async () => {
    const link: TarItem[] = [{ path: 'l', type: 'hardlink', linkPath: 'etc/a' }];
    await expect(build(await layout(BASE, link))).rejects.toMatchObject({ code: 'E_LINK' });
    const opaque: TarItem[] = [{ path: '.wh..wh..opq' }, { path: 'x', body: 'x' }];
    await expect(build(await layout(BASE, opaque))).rejects.toMatchObject({ code: 'E_WHITEOUT' });
    await expect(build(await layout(opaque))).rejects.toMatchObject({ code: 'E_WHITEOUT' });
    const full = Object.fromEntries(
      Array.from({ length: 4 }, (_, i) => [`user.${i}`, 'v'.repeat(65_524)]),
    );
    const crowded: TarItem[] = [{ path: 'd/', xattrs: full }, { path: 'd/.wh..wh..opq' }];
    await expect(build(await layout(crowded))).rejects.toMatchObject({ code: 'E_IMAGE_LIMIT' });
  });

  it.each([
    [{ uuid: '00000000-0000-4000-8000-000000000000' }],
    [{ whiteouts: 'apply' as const }],
    [{ symlinkParents: 'extract' as const }],
  ])('does not go with %j', async (options) => {
    await expect(build(await layout(BASE), options)).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('is made of a bare tar too, which has its name from its own bytes', async () => {
    const file = path('bare.tar');
    await writeFile(file, tar(CHANGES));
    const { result, trees } = await build(`tar:${file}`);
    const digest = createHash('sha256').update(tar(CHANGES)).digest('hex');
    expect(result.images[0]!.path).toContain(`/sha256/${digest.slice(0, 2)}/${digest}.erofs`);
    expect(trees[0]!.get('/gone')).toMatchObject({ type: 'char', device: '0:0' });
    expect(await readdir(result.output)).toEqual(['sha256']);
  });
});

const OTHER = `sha256:${'0'.repeat(64)}`;

async function modified({ images }: LayersResult): Promise<number[]> {
  return Promise.all(images.map(async (image) => (await stat(image.path)).mtimeMs));
}

describeWith(
  { tools: ['fsck.erofs', 'python3', ...MOUNT_NEEDS.tools], root: true },
  'images of layers, stacked by overlayfs',
  () => {
    const { layout, build, flat } = useLayers();

    const stacks: [string, (readonly TarItem[])[]][] = [
      ['deletions, opaque directories and type changes', [BASE, CHANGES]],
      [
        'a whiteout in the lowest layer, where nothing is below it',
        [[...BASE, { path: 'etc/.wh.nothing' }], [{ path: 'more', body: 'm' }]],
      ],
      [
        'a name deleted and given again over three layers',
        [BASE, [{ path: '.wh.gone' }], [{ path: 'gone/' }, { path: 'gone/y', body: 'y' }]],
      ],
      [
        'hard links within a layer, one of them replaced above',
        [
          [
            { path: 'a', body: 'same' },
            { path: 'b', type: 'hardlink', linkPath: 'a' },
          ],
          [{ path: 'a', body: 'other' }],
        ],
      ],
    ];

    it.each(stacks)('show the flattened tree: %s', async (_, layers) => {
      const source = await layout(...layers);
      const expected = await flat(source);
      for (const profile of ['default', 'containerd'] as const) {
        const { result } = await build(source, { profile });
        const images = result.images.map((image) => image.path);
        for (const image of images) await run('fsck.erofs', ['--extract', image]);
        const { flat: tree, stacked } = comparable(expected, await withOverlay(images, walkTree));
        expect(compareTrees(tree, stacked)).toEqual([]);
      }
      const { result } = await build(source, { overlayXattrs: 'user' });
      const images = result.images.map((image) => image.path);
      const seen = await withOverlay(images, walkTree, ['userxattr']);
      const { flat: tree, stacked } = comparable(expected, seen);
      expect(compareTrees(tree, stacked)).toEqual([]);
    });
  },
);
