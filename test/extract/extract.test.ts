/** Images unpacked into folders and tars, against what the kernel shows of them. */

import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { imageTree } from '../support/image-tree.ts';
import { LIBRARY, loadLibrary } from '../support/library.ts';
import { withMount } from '../support/mount.ts';
import { ODD_IMAGE_NEEDS, useOddImages } from '../support/odd-image.ts';
import { describeWith, run, runAnyway } from '../support/tools.ts';
import { buildTree, compareTrees, type Tree, walkTree } from '../support/tree-walk.ts';

const XATTR_FLAGS = ['--xattrs', '--xattrs-include=*', '--numeric-owner'];

/**
 * What bsdtar 3.6 does not restore: the time of the topmost folder, which is there before it; attributes of links and raw
 * access control lists; fractions of seconds before 1970, which it counts the wrong way.
 */
const NOT_OF_BSDTAR = /^\/: mtime|symlink: xattr|xattr system|times\/-\d+\.[1-9]\d*: mtime/;

/** The tree without what tar has no entries for. */
function withoutSockets(tree: Tree): Tree {
  return new Map([...tree].filter(([, { type }]) => type !== 'socket'));
}

/**
 * What fsck.erofs 1.5 restores, and of what: it makes neither sockets nor hard links, sets no attributes, and loses bits of
 * modes where it changes owners afterwards.
 */
function asOldFsck(tree: Tree): Tree {
  const rest = [...withoutSockets(tree)].map(([path, entry]) => {
    const change = { xattrs: {}, mode: 0, nlink: 1, firstLink: path };
    return [path, { ...entry, ...change }] as const;
  });
  return new Map(rest);
}

/** The part of a tree below a path, as a tree of its own. */
function below(tree: Tree, top: string): Tree {
  const inside = [...tree.values()].filter(({ path }) => `${path}/`.startsWith(`${top}/`));
  return buildTree(
    inside.map(({ firstLink, ...entry }) => ({
      ...entry,
      path: entry.path.slice(top.length) || '/',
      inode: firstLink,
    })),
  );
}

describeWith(ODD_IMAGE_NEEDS, 'extracting', () => {
  const images = useOddImages();

  it.each(['ours', 'theirs'] as const)(
    '%s into a folder gives what a mount shows',
    async (kind) => {
      const { extractImage } = await loadLibrary();
      const mounted = await withMount(images[kind], walkTree);
      const output = images.path(`folder-${kind}`);
      const result = await extractImage(images[kind], { output });
      const extracted = await walkTree(output);
      expect(compareTrees(mounted, extracted)).toEqual([]);
      expect(result).toMatchObject({ output, entries: mounted.size, leftOut: [] });
      expect([...mounted.values()].some(({ type }) => type === 'socket')).toBe(kind === 'theirs');
    },
  );

  it('equals what fsck.erofs extracts', async () => {
    const { extractImage } = await loadLibrary();
    const theirs = images.path('fsck');
    await run('fsck.erofs', [`--extract=${theirs}`, images.theirs]);
    const output = images.path('as-fsck');
    await extractImage(images.theirs, { output });
    const [before, after] = [await walkTree(theirs), await walkTree(output)];
    expect(compareTrees(asOldFsck(before), asOldFsck(after))).toEqual([]);
  });

  it('keeps holes', async () => {
    const { extractImage } = await loadLibrary();
    const output = images.path('sparse');
    await extractImage(images.ours, { output, path: 'sizes/sparse' });
    const { size, blocks } = await stat(output);
    expect(size).toBe(3_000_001);
    expect(blocks * 512).toBeLessThan(200_000);
  });

  it('takes a part, through links, and a single file', async () => {
    const { extractImage } = await loadLibrary();
    const whole = imageTree(images.ours);
    const part = images.path('part');
    await extractImage(images.ours, { output: part, path: '/xattrs' });
    expect(compareTrees(below(whole, '/xattrs'), await walkTree(part))).toEqual([]);
    const linked = images.path('linked');
    const { entries } = await extractImage(images.ours, { output: linked, path: 'folder-link/.' });
    expect([entries, await readdir(linked)]).toEqual([1, []]);
    const file = images.path('file');
    await extractImage(images.ours, { output: file, path: 'links/short' });
    expect(await walkTree(file)).toHaveLength(1);
  });

  it.each(['ours', 'theirs'] as const)('%s into a tar that GNU tar reads back', async (kind) => {
    const tree = withoutSockets(imageTree(images[kind]));
    const [tar, folder] = [images.path(`${kind}.tar`), images.path(`gnu-${kind}`)];
    const { extractImage } = await loadLibrary();
    const result = await extractImage(images[kind], { tar });
    expect(result.entries).toBe(tree.size);
    await mkdir(folder);
    const { stderr } = await run('tar', ['-xpf', tar, '-C', folder, ...XATTR_FLAGS]);
    const complaints = stderr.split('\n').filter((line) => !/hdrcharset|stamp|^$/.test(line));
    expect(complaints).toEqual([]);
    expect(compareTrees(tree, await walkTree(folder))).toEqual([]);
  });

  it('into a tar that bsdtar reads back', async () => {
    const { extractImage } = await loadLibrary();
    const [tar, folder] = [images.path('bsd.tar'), images.path('bsd')];
    await extractImage(images.ours, { tar });
    await mkdir(folder);
    await runAnyway('bsdtar', ['-xpf', tar, '-C', folder, '--numeric-owner'], {
      env: { LC_ALL: 'C.UTF-8' },
    });
    const differences = compareTrees(imageTree(images.ours), await walkTree(folder));
    expect(differences.filter((line) => !NOT_OF_BSDTAR.test(line))).toEqual([]);
  });

  it.each(['ours', 'theirs'] as const)('%s into a tar that builds the same tree', async (kind) => {
    const { build, diffImages, extractImage } = await loadLibrary();
    const tree = withoutSockets(imageTree(images[kind]));
    const [tar, again] = [images.path('again.tar'), images.path('again.erofs')];
    await extractImage(images[kind], { tar });
    await build({ source: `tar:${tar}`, output: again, threads: 1 });
    expect(compareTrees(tree, imageTree(again))).toEqual([]);
    const different: string[] = [];
    for await (const { path } of diffImages(images[kind], again)) different.push(path);
    expect(different).toEqual(kind === 'ours' ? [] : ['/special/socket']);
  });

  it('into the same tar every time', async () => {
    const { tarImage, extractImage } = await loadLibrary();
    const tar = images.path('first.tar');
    await extractImage(images.ours, { tar });
    const script = `
      const { tarImage } = await import(${JSON.stringify(LIBRARY)});
      for await (const chunk of tarImage(process.argv[1])) process.stdout.write(chunk.slice());
    `;
    const second = await run('node', ['--input-type=module', '--eval', script, images.ours], {
      env: { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8' },
    });
    const chunks: Buffer[] = [];
    for await (const chunk of tarImage(images.ours)) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(second.stdout)).toBe(true);
    expect((await readFile(tar)).equals(second.stdout)).toBe(true);
  });
});
