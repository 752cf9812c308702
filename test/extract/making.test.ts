/** How files are made on disk: what is read and kept meanwhile, what others can do to it, and which failures are whose. */

import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ErofsReader, TreeNode } from '../../src/erofs/reader.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { FolderExtraction } from '../../src/extract/folder.ts';
import { openPlace } from '../../src/extract/open-place.ts';
import { type Extracted, extractedTree } from '../../src/extract/tree.ts';
import { openImage } from '../../src/image/open-image.ts';
import { Turns } from '../../src/image/turns.ts';
import { isDirectory } from '../../src/posix.ts';
import { loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

describe('making files', () => {
  const path = useWorkFolder();
  let count = 0;

  /** Extracts an image of these items; `change` gets the tree, and the folder in which the output is `out`. */
  const extract = async (
    items: readonly TarItem[],
    change: (
      tree: AsyncGenerator<Extracted>,
      folder: string,
      reader: ErofsReader,
    ) => AsyncIterable<Extracted>,
  ) => {
    const folder = path(`work-${++count}`);
    await mkdir(folder);
    const [archive, image] = [path(`${count}.tar`), path(`${count}.erofs`)];
    await writeFile(archive, tar(items));
    const { build } = await loadLibrary();
    await build({ source: `tar:${archive}`, output: image, threads: 1 });
    const { reader, close } = openImage(image);
    const top: TreeNode = { path: '/', inode: reader.root() };
    const turns = new Turns();
    const options = { isFolder: true, force: false, inUse: [] };
    const place = openPlace(join(folder, 'out'), options);
    try {
      const tree = extractedTree(reader, top, turns);
      return await new FolderExtraction(reader, turns, place).run(change(tree, folder, reader));
    } catch (thrown) {
      place.discard();
      throw thrown;
    } finally {
      place.close();
      close();
    }
  };

  it('reads the attributes of folders when these are finished, one after the other', async () => {
    const folders = Array.from({ length: 20 }, (_, i): TarItem => {
      return { path: `${i}/`, xattrs: { 'user.x': `${i}` }, mtimeNsec: i };
    });
    const read: number[] = [];
    let reads = () => 0;
    await extract(folders, async function* (tree, _folder, reader) {
      const xattrs = vi.spyOn(reader, 'xattrs');
      reads = () => xattrs.mock.calls.length;
      yield* tree;
      read.push(reads());
    });
    expect([...read, reads()]).toEqual([0, 1 + folders.length]);
  });

  it('finishes folders whose paths are long', async () => {
    const deep = Array.from({ length: 14 }, () => 'x'.repeat(250)).join('/');
    const folders = [1, 2].map((i): TarItem => ({ path: `${deep}/${i}/`, mode: 0o710 + i }));
    const { entries } = await extract(folders, (tree) => tree);
    expect(entries).toBe(1 + 14 + 2);
    for (const i of [1, 2]) {
      const { mode } = await stat(path(`work-${count}/out/${deep}/${i}`));
      expect(mode & 0o777).toBe(0o710 + i);
    }
  });

  it.each([
    ['here', {}],
    ['by the helper', { xattrs: { 'user.x': 'y' }, mtimeNsec: 5 }],
  ])('is not led astray by another folder in the place of its own: %s', async (_, more) => {
    const outside = path(`outside-${++count}`);
    await mkdir(outside);
    await writeFile(join(outside, 'file'), 'alive', { mode: 0o600 });
    await chmod(outside, 0o700);
    const before = await lstat(outside);
    const items = [
      { path: './', mode: 0o777, mtime: 5, ...more },
      { path: 'file', body: 'dead', mode: 0o666, mtime: 5, ...more },
      { path: 'gone/', mode: 0o755, ...more },
    ];
    const extracting = extract(items, async function* (tree, folder) {
      for await (const item of tree) {
        yield item;
        if (item.path !== 'file') continue;
        const [name, ...others] = await readdir(folder);
        expect(others).toEqual([]);
        expect(await readdir(join(folder, name!))).toEqual(['tree']);
        expect((await stat(join(folder, name!))).mode & 0o777).toBe(0o700);
        await rename(join(folder, name!), join(folder, 'away'));
        await mkdir(join(folder, name!));
        await symlink(outside, join(folder, name!, 'tree'));
      }
    });
    // What is not its own is not removed either.
    await expect(extracting).rejects.toMatchObject({ code: 'E_OUTPUT' });
    expect(await readdir(outside)).toEqual(['file']);
    expect(await readFile(join(outside, 'file'), 'utf8')).toBe('alive');
    expect((await stat(join(outside, 'file'))).mode & 0o777).toBe(0o600);
    const after = await lstat(outside);
    expect([after.mode, after.mtimeMs]).toEqual([before.mode, before.mtimeMs]);
  });

  it('removes what is as deep as paths go, and tells why', async () => {
    const deepest = Array.from({ length: 1_950 }, () => 'x').join('/');
    const failing = extract([{ path: `${deepest}/` }], async function* (tree) {
      for await (const item of tree) {
        yield item;
        if (item.path === deepest) throw new ErofsWasmError('E_IMAGE', 'the end');
      }
    });
    await expect(failing).rejects.toMatchObject({ code: 'E_IMAGE', summary: 'the end' });
    expect(await readdir(path(`work-${count}`))).toEqual([]);
  });

  it('tells a bug as a bug', async () => {
    const broken = extract([{ path: 'link', linkPath: 'x' }], async function* (tree) {
      for await (const item of tree) {
        yield isDirectory(item.node.inode.mode) ? item : { ...item, target: 'a\0b' };
      }
    });
    await expect(broken).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });

  it('tells what the system said, with the path in the image', async () => {
    const broken = extract([{ path: 'a/b/c', body: 'x' }], async function* (tree, folder) {
      for await (const item of tree) {
        if (item.path === 'a/b/c') {
          const [name] = await readdir(folder);
          await writeFile(join(folder, name!, 'tree/a/b/c'), 'taken');
        }
        yield item;
      }
    });
    const place = '/a/b/c';
    await expect(broken).rejects.toMatchObject({ code: 'E_OUTPUT', place });
  });
});
