/** Numbers of images: small ones that can be counted by hand, and large ones that others count. */

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../src/index.ts';
import { runInTest } from '../cli/run-command.ts';
import { loadLibrary } from '../support/library.ts';
import { withMount } from '../support/mount.ts';
import { ODD_IMAGE_NEEDS, useOddImages } from '../support/odd-image.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

function spaceOf({ space }: Inspection): number {
  return Object.values(space).reduce((sum, bytes) => sum + bytes, 0);
}

describe('an inspection', () => {
  const path = useWorkFolder();
  let count = 0;
  const inspect = async (items: readonly TarItem[], options = {}): Promise<Inspection> => {
    const { build, inspectImage } = await loadLibrary();
    const [archive, output] = [path(`${++count}.tar`), path(`${count}.erofs`)];
    await writeFile(archive, tar(items));
    await build({ source: `tar:${archive}`, output, threads: 1, timestamp: 5, ...options });
    return inspectImage(output);
  };

  it('counts names, inodes, and what they take', async () => {
    const big = Buffer.alloc(3 * 4096 + 10, 'x');
    const result = await inspect([
      { path: './', mtime: 5 },
      { path: 'd/', mtime: 5 },
      { path: 'd/big', body: big, mtime: 5 },
      { path: 'd/link', type: 'hardlink', linkPath: 'd/big' },
      { path: 'd/pipe', type: 'fifo', mtime: 5 },
      { path: 'late', body: 'abc', mtime: 6 },
      { path: 'null', type: 'char', major: 1, minor: 3, mtime: 5 },
    ]);
    expect(result.counts).toMatchObject({ names: 7, inodes: 6, hardLinks: 1, extended: 1 });
    expect(result.counts.types.file).toMatchObject({ count: 2, size: big.length + 3 });
    expect(Object.keys(result.counts.types).sort()).toEqual(['char', 'directory', 'fifo', 'file']);
    const { space } = result;
    expect(space.data).toBe(3 * 4096);
    expect(space.compressed).toBe(0);
    expect(space.inodes).toBe(5 * 32 + 64);
    // The tail of `big`, `late`, and two directories with their entries: 12 bytes and a name each.
    expect(space.inline).toBe(10 + 3 + (5 * 12 + 1 + 2 + 1 + 4 + 4) + (5 * 12 + 1 + 2 + 3 + 4 + 4));
    expect(spaceOf(result)).toBe(result.size);
    expect(result.content).toEqual({
      ...{ size: big.length + 3, holes: 0, filesWithHoles: 0 },
      ...{ sharedBlocks: 0, packed: 0, elsewhere: 0 },
    });
    expect(result.largestFiles).toEqual([
      { path: '/d/big', size: big.length, stored: big.length + 32 },
      { path: '/late', size: 3, stored: 3 + 64 },
    ]);
    expect(result.largestDirectories.map((folder) => [folder.path, folder.size])).toEqual([
      ['/', big.length + 3],
      ['/d', big.length],
    ]);
    expect(result.fullestDirectories.map(({ path: name, entries }) => [name, entries])).toEqual([
      ['/', 3],
      ['/d', 3],
    ]);
    expect(result.kernel.version).toBe('5.4');
  });

  it('counts what is shared, once', async () => {
    const same = Buffer.alloc(2 * 4096, 'y');
    const xattrs = { 'user.long': 'the same everywhere '.repeat(5) };
    const names = ['a', 'b', 'c', 'd'];
    const result = await inspect([
      ...names.map((name): TarItem => ({ path: name, body: same, xattrs })),
      { path: 'other', body: Buffer.alloc(4096, 'z'), xattrs: { 'user.own': '1' } },
    ]);
    expect(result.space.data).toBe(3 * 4096);
    expect(result.content.sharedBlocks).toBe(2 * 4096);
    expect(result.content.size).toBe(9 * 4096);
    expect(result.xattrs).toEqual({
      ...{ count: 5, bytes: 4 * (9 + 100) + 9, sharedReferences: 4 },
      ...{ sharedEntries: 1, sharedBytes: 9 + 100 },
    });
    expect(spaceOf(result)).toBe(result.size);
  });

  it('counts holes, and knows which Linux has them', async () => {
    const result = await inspect([
      {
        path: 'sparse',
        body: Buffer.alloc(4096, 'x'),
        pax: {
          'GNU.sparse.major': '0',
          'GNU.sparse.minor': '1',
          'GNU.sparse.map': '1048576,4096',
          'GNU.sparse.size': '8388608',
        },
      },
    ]);
    expect(result.content).toMatchObject({ size: 8_388_608, filesWithHoles: 1 });
    expect(result.content.holes).toBeGreaterThan(8_000_000);
    expect(result.content.holes + result.space.data).toBe(8_388_608);
    expect(result.kernel).toEqual({
      version: '5.15',
      needs: [
        { version: '5.4', what: 'the file system' },
        { version: '5.15', what: 'chunked_file' },
      ],
      pageSize: 4096,
    });
  });

  it.each([
    [512, '6.4', 4096],
    [4096, '5.4', 4096],
    [16384, '5.4', 16384],
  ])('knows what blocks of %i bytes need', async (blockSize, version, pageSize) => {
    const { kernel } = await inspect([{ path: 'a', body: 'x' }], { blockSize });
    expect(kernel).toMatchObject({ version, pageSize });
  });

  it('keeps the ten largest of many', async () => {
    const items = Array.from({ length: 40 }, (_, index): TarItem => {
      return { path: `d${index}/f`, body: Buffer.alloc(((index * 7) % 40) * 100, 'x') };
    });
    const { largestFiles, largestDirectories } = await inspect(items);
    const sizes = Array.from({ length: 10 }, (_, rank) => (39 - rank) * 100);
    expect(largestFiles.map(({ size }) => size)).toEqual(sizes);
    expect(largestDirectories.slice(1).map(({ size }) => size)).toEqual(sizes.slice(0, 9));
  });

  it('is a text for people', async () => {
    const { build } = await loadLibrary();
    const output = path('text.erofs');
    await writeFile(path('text.tar'), tar([{ path: 'new\nline', body: 'abc' }]));
    const uuid = '00000000-1111-2222-3333-444444444444';
    const fixed = { threads: 1, timestamp: 0, uuid, label: 'named' };
    await build({ source: `tar:${path('text.tar')}`, output, ...fixed });
    const { stdout } = await runInTest(['inspect', output]);
    expect(stdout).toContain(`image         ${output}\nsize          4 KiB (4096 bytes)`);
    expect(stdout).toContain(`uuid          ${uuid}\nlabel         named\n`);
    expect(stdout).toContain('needs         Linux 5.4 for the file system\n');
    expect(stdout).toContain('3 B  /new\\x0aline\n');
    const json = await runInTest(['inspect', '--json', output]);
    expect(JSON.parse(json.stdout)).toMatchObject({ uuid, volumeName: 'named', blockSize: 4096 });
  });
});

describeWith(ODD_IMAGE_NEEDS, 'an inspection of all kinds of files', () => {
  const images = useOddImages();

  it.each(['ours', 'theirs'] as const)('in %s counts what a mount shows', async (kind) => {
    const { inspectImage } = await loadLibrary();
    const tree = [...(await withMount(images[kind], walkTree)).values()];
    const first = tree.filter(({ path, firstLink }) => path === firstLink);
    const result = await inspectImage(images[kind]);
    expect(result.counts).toMatchObject({
      names: tree.length,
      inodes: first.length,
      hardLinks: tree.length - first.length,
    });
    for (const [type, { count, size }] of Object.entries(result.counts.types)) {
      const same = first.filter((entry) => entry.type === type);
      expect([type, count]).toEqual([type, same.length]);
      const sizes = same.reduce((sum, entry) => sum + entry.size, 0);
      if (type === 'file') expect(size).toBe(sizes);
    }
    expect(result.xattrs.count).toBe(
      first.reduce((sum, { xattrs }) => sum + Object.keys(xattrs).length, 0),
    );
    expect(spaceOf(result)).toBe(result.size);
    expect(result.largestFiles[0]).toMatchObject({ path: '/sizes/sparse', size: 3_000_001 });
  });

  it('counts compressed files as dump.erofs does', async () => {
    const { extractImage, inspectImage } = await loadLibrary();
    const [folder, image] = [images.path('sources'), images.path('lz4.erofs')];
    await extractImage(images.theirs, { output: folder });
    await run('mkfs.erofs', ['--quiet', '-zlz4', image, folder]);
    const { stdout } = await run('dump.erofs', ['-S', image]);
    const told = (name: string) =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(stdout.toString())?.[1]);
    const result = await inspectImage(image);
    expect(result.counts.names).toBe(told('total file count'));
    expect(result.compressed?.files).toBe(told('Filesystem compressed files'));
    expect(result.compressed?.algorithms).toEqual(['lz4']);
    expect(result.compressed?.ratio).toBeGreaterThan(10);
    expect(spaceOf(result)).toBe(result.size);
  });
});
