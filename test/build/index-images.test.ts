/** Index images: the same tree as an ordinary image has, with content that stays in the tars of the layers. */

import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstBlockInTar } from '../../src/build/index-content.ts';
import type { BuildEvent, BuildOptions } from '../../src/index.ts';
import { debianRoot } from '../support/corpus.ts';
import { RECENT_TOOLS_NEEDS, withRecentTools } from '../support/erofs-utils.ts';
import { ImageFile, imageTree, openImage } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { MOUNT_NEEDS, withMount } from '../support/mount.ts';
import { digestOf, type LayerText, writeLayout } from '../support/oci-layout.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { compareTrees, type Tree, walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const NEEDS = {
  tools: ['tar', 'python3', 'setfattr', 'fallocate', ...MOUNT_NEEDS.tools],
  root: true,
};
/** Room for a busy machine, and for the first run, which makes roots. */
const LARGE = { timeout: 600_000 };
const SIZES = [0, 1, 511, 512, 513, 1 << 20];

function useIndexes() {
  const path = useWorkFolder();
  let count = 0;
  const build = async (source: string, options: Partial<BuildOptions> = {}) => {
    const library = await loadLibrary();
    const output = path(`image-${++count}.erofs`);
    const result = await library.build({
      source,
      output,
      platform: 'linux/amd64',
      threads: 1,
      ...options,
    });
    return { ...result, output };
  };
  const archive = async (items: readonly TarItem[] | Uint8Array) => {
    const file = path(`archive-${++count}.tar`);
    await writeFile(file, items instanceof Uint8Array ? items : tar(items));
    return file;
  };
  /** An image of layers, and the tar of each. */
  const layout = async (layers: readonly LayerText[]) => {
    const folder = path(`layout-${++count}`);
    await writeLayout(folder, layers);
    const tars = await Promise.all(layers.map(({ items }) => archive(items)));
    return { folder, source: `oci:${folder}`, tars };
  };
  /** The image with all tars behind it in one file, as containerd keeps it. */
  const flatten = async (index: string, tars: readonly string[]) => {
    const file = path(`flat-${++count}.erofs`);
    await writeFile(file, Buffer.concat([index, ...tars].map((part) => readFileSync(part))));
    return file;
  };
  /** Builds both forms of a source and compares their trees in every way there is to read an index. */
  const check = async (
    source: string,
    tars: readonly string[],
    options: Partial<BuildOptions> = {},
  ): Promise<{ index: string; tree: Tree }> => {
    const expected = imageTree((await build(source, options)).output);
    const { output: index } = await build(source, { ...options, index: true });
    const flat = await flatten(index, tars);
    expect(compareTrees(expected, imageTree(index, tars))).toEqual([]);
    expect(compareTrees(expected, imageTree(flat))).toEqual([]);
    expect(compareTrees(expected, await withMount(index, walkTree, tars))).toEqual([]);
    expect(compareTrees(expected, await withMount(flat, walkTree))).toEqual([]);
    return { index, tree: expected };
  };
  return { path, build, archive, layout, check };
}

/** What `superblock.devices` says, and the length of the image in blocks. */
function devicesOf(index: string) {
  const file = new ImageFile(index);
  const { superblock } = openImage(file);
  file.close();
  const devices = superblock.devices.map(({ tag, blocks, uniaddr }) => {
    return { tag: Buffer.from(tag).toString(), blocks, uniaddr };
  });
  return { devices, blocks: superblock.size / 512, features: superblock.featureIncompat };
}

/** One entry of each kind, and lengths of attributes that move the map behind them. */
function variedItems(): TarItem[] {
  const xattrs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 40, 400, 700].map((length) => ({
    path: `xattr/${length}`,
    body: `with ${length}`,
    xattrs: { 'user.a': 'v'.repeat(length), 'security.b': `${length}` },
  }));
  return [
    { path: './', mode: 0o711, xattrs: { 'user.root': 'yes' } },
    { path: 'dev/', mode: 0o700 },
    { path: 'dev/null', type: 'char', major: 1, minor: 3 },
    { path: 'dev/disk', type: 'block', major: 259, minor: 70000 },
    { path: 'pipe', type: 'fifo', mtime: 0 },
    ...SIZES.map((size) => ({ path: `s/${size}`, body: randomBytes(size), mtime: size })),
    { path: `${'long/'.repeat(60)}name`, body: 'a name of 304 bytes' },
    { path: 'first', body: randomBytes(700) },
    { path: 'second', type: 'hardlink', linkPath: 'first' },
    { path: 'link', linkPath: 't'.repeat(600) },
    { path: 'twin', body: 'the same' },
    { path: 'other-twin', body: 'the same' },
    { path: 'owner', body: 'x', uid: 70000, gid: 4_000_000_000, mtime: -1, mtimeNsec: 5 },
    ...xattrs,
  ];
}

describeWith(NEEDS, 'an index image', () => {
  const { path, build, archive, layout, check } = useIndexes();

  it('is the tree of a tar of every kind of entry', LARGE, async () => {
    const file = await archive(variedItems());
    const { index, tree } = await check(`tar:${file}`, [file]);
    expect(tree.get('/second')).toMatchObject({ nlink: 2, firstLink: '/first', size: 700 });
    const { devices, blocks, features } = devicesOf(index);
    const bytes = await readFile(file);
    const tag = digestOf(bytes).slice('sha256:'.length);
    expect(devices).toEqual([{ tag, blocks: bytes.length / 512, uniaddr: blocks }]);
    expect(features).toBe(0x4 | 0x8);
    expect((await stat(index)).size).toBe(blocks * 512);
  });

  it.each([['gnu'], ['posix']])('is the tree that GNU tar packed as %s', LARGE, async (format) => {
    const root = path(`root-${format}`);
    const script = [
      'mkdir -p d/e "$(printf "%0200d" 7)"; ln -s d/e s; mkfifo p; mknod n c 5 1; : > empty',
      ...SIZES.map((size) => `head -c ${size} /dev/urandom > d/${size}`),
      'ln d/513 hard; setfattr -n user.x -v y d/512; echo long > "$(printf "%0200d" 7)/name"',
      // Data at places that are no multiples of a block, and a file that is nothing but a hole.
      'truncate -s 3M sparse; for at in 5000 70001 1500000; do',
      '  echo data | dd of=sparse bs=1 seek=$at conv=notrunc status=none; done',
      'truncate -s 1M hole; head -c 100000 /dev/urandom > dense; fallocate -p -o 8192 -l 65536 dense',
    ].join('\n');
    await mkdir(root);
    await run('sh', ['-ec', script], { cwd: root });
    const file = path(`${format}.tar`);
    const flags = ['--sparse', `--format=${format}`, ...(format === 'posix' ? ['--xattrs'] : [])];
    await run('tar', [...flags, '-cf', file, '-C', root, '.']);
    const { index, tree } = await check(`tar:${file}`, [file]);
    const onDisk = await walkTree(root);
    for (const [name, { sha256 }] of onDisk) expect(tree.get(name)?.sha256).toBe(sha256);
    // The data of sparse files is in the image, and no other.
    expect((await stat(index)).size).toBeLessThan(200_000);
  });

  it(
    'of packed layers refers to their unpacked tars, device 1 being the lowest',
    LARGE,
    async () => {
      const hidden = randomBytes(300_000);
      const lower: TarItem[] = [
        { path: 'a', body: 'below' },
        { path: 'd/gone', body: hidden },
        { path: 'd/stays', body: randomBytes(5_000) },
        { path: 'kept', body: randomBytes(3_000) },
      ];
      const upper: TarItem[] = [
        { path: 'a', body: 'above' },
        { path: 'd/.wh.gone' },
        { path: 'new-name', type: 'hardlink', linkPath: 'kept' },
        { path: '.wh.kept' },
      ];
      const { source, tars } = await layout([
        { items: lower },
        { items: tar([{ path: 'only', body: 'in the middle' }]), packing: 'none' },
        { items: upper },
      ]);
      const { index, tree } = await check(source, tars);
      expect([...tree.keys()].sort()).toEqual(['/', '/a', '/d', '/d/stays', '/new-name', '/only']);
      expect((await stat(index)).size).toBeLessThan(4_096);
      const { devices, blocks } = devicesOf(index);
      let uniaddr = blocks;
      for (const [i, file] of tars.entries()) {
        const bytes = await readFile(file);
        const tag = digestOf(bytes).slice('sha256:'.length);
        expect(devices[i]).toEqual({ tag, blocks: bytes.length / 512, uniaddr });
        uniaddr += bytes.length / 512;
      }
    },
  );

  it('needs no layer twice for content that a link keeps alive', LARGE, async () => {
    const layers = [
      { items: [{ path: 'kept', body: randomBytes(3_000) }] },
      { items: [{ path: 'name', type: 'hardlink', linkPath: 'kept' }, { path: '.wh.kept' }] },
    ] satisfies LayerText[];
    // Once all layers have been read there is nothing left to read from.
    const removing = (folder: string) => (event: BuildEvent) => {
      if (event.type === 'phase' && event.phase === 'plan') rmSync(folder, { recursive: true });
    };
    const once = await layout(layers);
    const onEvent = removing(once.folder);
    const { output } = await build(once.source, { index: true, onEvent });
    expect(imageTree(output, once.tars).get('/name')?.size).toBe(3_000);
    const twice = await layout([
      { items: layers[0]!.items },
      { items: [{ path: '.wh.kept' }, { path: 'name', type: 'hardlink', linkPath: 'kept' }] },
    ]);
    expect(imageTree((await build(twice.source, { index: true })).output, twice.tars).size).toBe(2);
  });

  it('has sparse data that was hidden and a link keeps alive', LARGE, async () => {
    const file = path('sparse-root.tar');
    const script = [
      'truncate -s 1M sparse; echo x | dd of=sparse bs=1 seek=700001 conv=notrunc status=none',
      'tar --sparse --format=posix -cf "$0" sparse',
    ];
    await mkdir(path('sparse-root'));
    await run('sh', ['-ec', script.join('\n'), file], { cwd: path('sparse-root') });
    const { source, tars } = await layout([
      { items: await readFile(file) },
      { items: [{ path: '.wh.sparse' }, { path: 'name', type: 'hardlink', linkPath: 'sparse' }] },
    ]);
    const { tree } = await check(source, tars);
    expect(tree.get('/name')).toMatchObject({ type: 'file', size: 1 << 20 });
  });

  it('has a slot for each of many layers, and inodes in many stretches', LARGE, async () => {
    const files = Array.from({ length: 13_000 }, (_, i) => ({
      path: `many/${i}`,
      body: `number ${i}`,
      ...(i % 7 === 0 ? { xattrs: { 'user.n': `${i}`.repeat(i % 40) } } : {}),
    }));
    const layers = Array.from({ length: 40 }, (_, i) => ({
      items: i === 5 ? files : [{ path: `layer-${i}`, body: `layer ${i}` }],
    }));
    const { source, tars } = await layout(layers);
    const expected = imageTree((await build(source)).output);
    const { output } = await build(source, { index: true, threads: 2 });
    expect(compareTrees(expected, imageTree(output, tars))).toEqual([]);
    expect(compareTrees(expected, await withMount(output, walkTree, tars))).toEqual([]);
    expect(devicesOf(output).devices).toHaveLength(40);
  });

  it('does not name a tar whose digest is longer than a tag', LARGE, async () => {
    const items = tar([{ path: 'a', body: 'content' }]);
    const { createHash } = await import('node:crypto');
    const diffId = `sha512:${createHash('sha512').update(items).digest('hex')}`;
    const { source, tars } = await layout([{ items, lie: { diffId } }]);
    const { index } = await check(source, tars);
    expect(devicesOf(index).devices[0]?.tag).toBe('');
  });

  it('of a tar that ends inside a block covers the whole of it', LARGE, async () => {
    const items = Buffer.concat([tar([{ path: 'a', body: 'x'.repeat(600) }]), Buffer.from('odd')]);
    const file = await archive(items);
    const { output } = await build(`tar:${file}`, { index: true });
    expect(devicesOf(output).devices[0]?.blocks).toBe(Math.ceil(items.length / 512));
    expect(imageTree(output, [file]).get('/a')?.size).toBe(600);
  });

  it('of a tar that ends inside the content of a file is refused, since no kernel could read it', async () => {
    const padded = tar([
      { path: 'first', body: 'a' },
      { path: 'last', body: 'hello' },
    ]);
    const file = await archive(padded.subarray(0, 3 * 512 + 5));
    await expect(build(`tar:${file}`, { index: true })).rejects.toMatchObject({
      code: 'E_TRUNCATED',
      place: 'layer 0: the content at byte 1536 of its tar',
    });
  });

  it('is made of each layer where images of layers are asked for', LARGE, async () => {
    const { source, tars } = await layout([
      { items: [{ path: 'a', body: 'a' }] },
      { items: [{ path: 'b', body: 'b' }, { path: '.wh.a' }] },
    ]);
    const { buildLayers } = await loadLibrary();
    const options = { source, platform: 'linux/amd64', threads: 1 };
    const plain = await buildLayers({ ...options, output: path('layers') });
    const index = await buildLayers({ ...options, output: path('indexes'), index: true });
    for (const [i, image] of index.images.entries()) {
      const expected = imageTree(plain.images[i]!.path);
      expect(compareTrees(expected, imageTree(image.path, [tars[i]!]))).toEqual([]);
      expect(compareTrees(expected, await withMount(image.path, walkTree, [tars[i]!]))).toEqual([]);
    }
  });

  it('has the same bytes whatever makes it', LARGE, async () => {
    const { source } = await layout([
      { items: variedItems() },
      { items: [{ path: 'u', body: 'u' }] },
    ]);
    const digests = new Set<string | undefined>();
    for (const threads of [0, 1, 3]) {
      for (const kernels of ['wasm', 'reference'] as const) {
        digests.add((await build(source, { index: true, threads, kernels })).sha256);
      }
    }
    expect(digests.size).toBe(1);
    expect(digests).not.toContain((await build(source)).sha256);
  });
});

describeWith(
  { ...NEEDS, tools: [...NEEDS.tools, ...RECENT_TOOLS_NEEDS.tools] },
  'mkfs.erofs',
  () => {
    const { path, build, archive } = useIndexes();

    /** Compares with `mkfs.erofs --tar=i` of the same tar, both with the files' own times. */
    const compare = (file: string, index: string) =>
      withRecentTools([file, index], async (tool, folder) => {
        const options = ['--quiet', '--tar=i', '-T0', '--mkfs-time', 'mkfs.erofs'];
        await tool('mkfs.erofs', [...options, basename(file)]);
        await tool('fsck.erofs', ['--extract=out', `--device=${basename(file)}`, basename(index)]);
        const theirs = path(`${basename(file)}.mkfs`);
        await rename(`${folder}/mkfs.erofs`, theirs);
        return { theirs, extracted: await walkTree(`${folder}/out`) };
      });

    it('makes an index with the same tree, and fsck.erofs reads ours', LARGE, async () => {
      const file = await archive(variedItems());
      const { output } = await build(`tar:${file}`, { index: true });
      const { theirs, extracted } = await compare(file, output);
      const tree = imageTree(output, [file]);
      expect(compareTrees(imageTree(theirs, [file]), tree)).toEqual([]);
      for (const [name, { sha256 }] of tree) expect(extracted.get(name)?.sha256).toBe(sha256);
      expect((await stat(output)).size).toBeLessThanOrEqual((await stat(theirs)).size);
    });

    it('makes an index of a Debian root that is no smaller', LARGE, async () => {
      const file = await debianRoot();
      const { output } = await build(`tar:${file}`, { index: true });
      const { theirs, extracted } = await compare(file, output);
      const tree = imageTree(output, [file]);
      expect(compareTrees(imageTree(theirs, [file]), tree)).toEqual([]);
      for (const [name, { sha256 }] of tree) expect(extracted.get(name)?.sha256).toBe(sha256);
      expect((await stat(output)).size).toBeLessThanOrEqual((await stat(theirs)).size);
    });
  },
);

describe('the place of content in a tar', () => {
  it('is behind its header, and before the last block that has a number', () => {
    expect(firstBlockInTar({ offset: 1024, size: 5 })).toBe(3);
    const last = (2 ** 32 - 2) * 512;
    expect(firstBlockInTar({ offset: last - 512, size: 512 })).toBe(2 ** 32 - 2);
    for (const entry of [
      { offset: last - 512, size: 513 },
      { offset: last, size: 1 },
      { offset: 0, size: 2 ** 41 },
    ]) {
      expect(() => firstBlockInTar(entry)).toThrow(
        expect.objectContaining({ code: 'E_IMAGE_LIMIT' }),
      );
    }
  });
});
