/** `ls`, `stat` and `cat` against what the kernel shows of the same image. */

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImageEntry, ImageStat, Listing } from '../../src/index.ts';
import { runInTest } from '../cli/run-command.ts';
import { COMMAND, loadLibrary } from '../support/library.ts';
import { withMount } from '../support/mount.ts';
import { ODD_IMAGE_NEEDS, useOddImages } from '../support/odd-image.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { type Tree, walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

/** A text or its bytes as latin1. */
function bytesOf(text: string, base64: string | undefined): string {
  const bytes = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
  return bytes.toString('latin1');
}

/** What a listing says, in the terms of a walk. */
function facts(entry: ImageEntry) {
  const { type, mode, uid, gid, links, device } = entry;
  return {
    path: bytesOf(entry.path, entry.pathBase64),
    ...{ type, mode, uid, gid, nlink: links },
    size: entry.size,
    mtime: entry.mtime,
    target: entry.target === undefined ? undefined : bytesOf(entry.target, entry.targetBase64),
    device: device === undefined ? undefined : `${device.major}:${device.minor}`,
  };
}

function isoOf(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (nanoseconds - fraction) / 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000).toISOString().replace('.000Z', '');
  return fraction === 0n ? `${date}Z` : `${date}.${String(fraction).padStart(9, '0')}Z`;
}

function expectedFacts(tree: Tree) {
  const entries = [...tree.values()].filter(({ path }) => path !== '/');
  return entries.map(({ path, type, mode, uid, gid, nlink, size, mtime, target, device }) => ({
    ...{ path, type, mode, uid, gid, nlink, size, target, device },
    mtime: isoOf(mtime),
  }));
}

describeWith(ODD_IMAGE_NEEDS, 'a listing', () => {
  const images = useOddImages();

  it.each(['ours', 'theirs'] as const)('of all of %s is what a mount shows', async (kind) => {
    const mounted = await withMount(images[kind], walkTree);
    const { code, stdout } = await runInTest(['ls', '-R', '--json', images[kind]]);
    expect(code).toBe(0);
    const listings = stdout
      .trimEnd()
      .split('\n')
      .map((line): Listing => JSON.parse(line));
    const entries = listings.flatMap((listing) => listing.entries.map(facts));
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(entries.toSorted(byPath)).toEqual(expectedFacts(mounted).toSorted(byPath));
    const folders = [...mounted.values()].filter(({ type }) => type === 'directory');
    expect(listings).toHaveLength(folders.length);
  });

  it.each(['modes', 'owners', 'special', 'links', 'times', 'xattrs', 'sizes'])(
    'of %s reads as that of GNU ls',
    async (folder) => {
      const gnu = await withMount(images.ours, (mount) =>
        run('ls', ['-lnAb', '--time-style=+%Y-%m-%dT%H:%M:%SZ', join(mount, folder)], {
          env: { LC_ALL: 'C', TZ: 'UTC' },
        }),
      );
      // Column by column: it aligns numbers of devices apart. A plus sign stands for an access control list.
      const words = (text: string) =>
        text
          .split('\n')
          .map((line) => line.replace(/^(\S{10})\+/, '$1').split(/ +/))
          .filter(([first]) => first !== 'total' && first !== '');
      const { stdout } = await runInTest(['ls', '-l', images.ours, folder]);
      const escaped = (text: string) => text.replace('\\xff\\x0a', '\\377\\n');
      expect(words(escaped(stdout))).toEqual(words(gnu.stdout.toString()));
    },
  );

  it('escapes names that could steer a terminal', async () => {
    const { stdout } = await runInTest(['ls', images.ours, 'names']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(stdout).toContain('new\\x0aline\n');
    expect(stdout).toContain('\\xff\\xfe\n');
  });

  it('takes paths through links, and names as they are printed', async () => {
    const ls = async (...args: string[]) => (await runInTest(['ls', images.ours, ...args])).stdout;
    expect(await ls('-d', 'names/\\xff\\xfe', 'names/new\\x0aline')).toBe(
      'names/new\\x0aline\nnames/\\xff\\xfe\n',
    );
    expect(await ls('-d', 'folder-link')).toBe('folder-link\n');
    expect(await ls('-d', 'folder-link/../links/c/../a')).toBe('folder-link/../links/c/../a\n');
    expect(await ls('-l', 'folder-link')).toMatch(/^lrwxrwxrwx .* folder-link -> real-folder\n$/);
  });

  it.each([
    ['links/c', 'empty', 'sizes/1'],
    ['folder-link', './sizes/1'],
    ['-d', 'folder-link/', 'links/../links'],
    ['-R', 'links/'],
    ['-R', 'folder-link', 'links'],
    ['links/a'],
  ])('of %j names what was asked for, as GNU ls does', async (...args) => {
    const gnu = await withMount(images.ours, async (mount) => {
      const words = ['-c', 'cd "$0" && exec ls -AbH "$@"', mount, ...args];
      return (await run('sh', words, { env: { LC_ALL: 'C' } })).stdout.toString();
    });
    expect((await runInTest(['ls', images.ours, ...args])).stdout).toBe(gnu);
  });

  it('ends early where nobody reads it', async () => {
    const command = `'${process.execPath}' '${COMMAND}' ls -lR '${images.ours}' | head -1`;
    const { stdout, stderr } = await run('sh', ['-c', command]);
    expect([stdout.toString(), stderr]).toEqual(['/:\n', '']);
  });
});

describeWith(ODD_IMAGE_NEEDS, 'a description', () => {
  const images = useOddImages();
  const stat = async (path: string, kind: 'ours' | 'theirs' = 'ours'): Promise<ImageStat> => {
    const { statImage } = await loadLibrary();
    return statImage(images[kind], path);
  };

  it.each(['ours', 'theirs'] as const)('of each file of %s has its attributes', async (kind) => {
    const mounted = await withMount(images[kind], walkTree);
    for (const { path, xattrs } of mounted.values()) {
      if (!path.startsWith('/xattrs')) continue;
      const found = (await stat(path, kind)).xattrs.map(({ name, value }) => [name, value]);
      const text = Object.entries(xattrs).map(([name, value]) => {
        const isText = /^[ -~]*$/.test(value);
        const hex = Buffer.from(value, 'latin1').toString('hex');
        return [name, isText ? JSON.stringify(value) : `0x${hex}`];
      });
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(text));
    }
  });

  it('says where content lies, and it lies there', async () => {
    const { extents, size, layout } = await stat('sizes/sparse');
    expect(layout).toBe('chunk-based');
    expect(extents.map(({ kind }) => kind)).toContain('hole');
    expect(extents.reduce((sum, { length }) => sum + length, 0)).toBe(size);
    const image = await readFile(images.ours);
    const content = Buffer.alloc(size);
    for (const { position, length, offset } of extents) {
      if (offset !== undefined) image.copy(content, position, offset, offset + length);
    }
    const chunks: Buffer[] = [];
    const { readImageFile } = await loadLibrary();
    for await (const bytes of readImageFile(images.ours, 'sizes/sparse')) {
      chunks.push(Buffer.from(bytes));
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  it('is a text for people', async () => {
    const { stdout } = await runInTest(['stat', images.ours, 'links/short']);
    expect(stdout).toMatch(
      /^path {4}\/links\/short\ntarget {2}a\ntype {4}symlink\nmode {4}0777 \(lrwxrwxrwx\)\nowner {3}0:0\nlinks {3}2\nsize {4}1\nmtime {3}\d{4}-\S+Z\ninode {3}nid \d+, ino \d+, (compact|extended), at byte \d+\nlayout {2}flat-inline\nextent {2}0\+1 inline at byte \d+ of the image\n$/,
    );
    const followed = await runInTest(['stat', '-L', images.ours, 'links/short']);
    expect(followed.stdout).toContain('path    /links/a\n');
    const device = await runInTest(['stat', images.ours, 'special/big']);
    expect(device.stdout).toContain('device  4095, 1048575\n');
  });
});

describeWith(ODD_IMAGE_NEEDS, 'the content of a file', () => {
  const images = useOddImages();

  it('is that of the mount', async () => {
    const mounted = await withMount(images.theirs, walkTree);
    const { readImageFile } = await loadLibrary();
    let count = 0;
    for (const { path, sha256 } of mounted.values()) {
      if (sha256 === undefined || !/^\/(sizes|zeros|names)\//.test(path)) continue;
      const hash = createHash('sha256');
      const bytes = Buffer.from(path, 'latin1');
      for await (const piece of readImageFile(images.theirs, bytes)) hash.update(piece);
      expect([path, hash.digest('hex')]).toEqual([path, sha256]);
      count++;
    }
    expect(count).toBeGreaterThan(40);
  });

  it('comes from several files, through links', async () => {
    const args = [COMMAND, 'cat', images.ours, 'links/short', '/links/c/d', 'sizes/1'];
    const { stdout } = await run(process.execPath, args);
    expect(stdout.toString('latin1')).toMatch(/^(one inode, many names){2}[\s\S]$/);
  });
});

describe('paths that lead nowhere', () => {
  const path = useWorkFolder();
  let image = '';

  beforeAll(async () => {
    const { build } = await loadLibrary();
    const items: TarItem[] = [
      { path: 'a/loop', linkPath: '../b' },
      { path: 'b', linkPath: 'a/loop' },
      { path: 'self', linkPath: 'self' },
      { path: 'up', linkPath: '../../../../a/file' },
      { path: 'gone', linkPath: 'nowhere' },
      { path: 'a/file', body: 'found' },
      ...Array.from({ length: 41 }, (_, level): TarItem => {
        return { path: `chain-${level}`, linkPath: level === 0 ? 'a/file' : `chain-${level - 1}` };
      }),
      {
        path: 'huge',
        body: 'x',
        pax: {
          'GNU.sparse.major': '0',
          'GNU.sparse.minor': '1',
          'GNU.sparse.map': '0,1',
          'GNU.sparse.size': `${2 ** 40}`,
        },
      },
    ];
    await writeFile(path('image.tar'), tar(items));
    image = path('image.erofs');
    await build({ source: `tar:${path('image.tar')}`, output: image, threads: 1 });
  });

  it.each([
    ['cat', 'missing', 3, 'E_NOT_FOUND'],
    ['cat', 'a/file/more', 3, 'E_NOT_FOUND'],
    ['cat', 'a/file/', 3, 'E_NOT_FOUND'],
    ['cat', 'gone', 3, 'E_NOT_FOUND'],
    ['cat', 'a/loop', 4, 'E_LINK'],
    ['cat', 'self', 4, 'E_LINK'],
    ['cat', 'chain-40', 4, 'E_LINK'],
    ['cat', 'a', 2, 'E_USAGE'],
    ['ls', 'gone', 3, 'E_NOT_FOUND'],
    ['stat', 'self/x', 4, 'E_LINK'],
    ['extract', 'gone', 3, 'E_NOT_FOUND'],
  ])('%s %s ends with %i', async (command, name, code, error) => {
    const more = command === 'extract' ? ['-o', path('never')] : [];
    const outcome = await runInTest([command, '--json', image, name, ...more]);
    expect(outcome.code).toBe(code);
    expect(JSON.parse(outcome.stdout).error).toMatchObject({ code: error, exitCode: code });
    expect(outcome.stderr).toContain(`[${error}]`);
  });

  it('ls takes the flags that people type', async () => {
    const list = async (...flags: string[]) =>
      (await runInTest(['ls', ...flags, image, 'a'])).stdout;
    expect(await list('-la')).toBe(await list('-l'));
    expect(await list('-n')).toBe(await list('-l'));
    expect(await list('-1A')).toBe(await list());
  });

  it('ls lists the rest where a path leads nowhere, and then says which one', async () => {
    const outcome = await runInTest(['ls', image, 'gone', 'a', 'h/loop', 'a/file']);
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toMatch(/^a\/file\n\na:\n(?:.*\n)*file\n/);
    expect(outcome.stderr).toContain('(gone)');
    expect(outcome.stderr).not.toContain('h/loop');
  });

  it.each(['up', 'chain-39', '//a/./file', 'a/../../a/file'])(
    '%s leads to a file',
    async (name) => {
      const { stdout } = await run(process.execPath, [COMMAND, 'cat', image, name]);
      expect(stdout.toString()).toBe('found');
    },
  );

  it('holes of a terabyte take no time where nobody reads on', async () => {
    const command = `'${process.execPath}' '${COMMAND}' cat '${image}' huge | head -c 3 | od -An -c`;
    const { stdout, stderr } = await run('sh', ['-c', command]);
    expect([stdout.toString(), stderr]).toEqual(['   x  \\0  \\0\n', '']);
  });

  it.each(['ls', 'stat', 'cat'])('%s names a file that is no image', async (command) => {
    await writeFile(path('text'), 'no image');
    const outcome = await runInTest([command, path('text'), '/']);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain('[E_IMAGE]');
    const missing = await runInTest([command, path('nothing'), '/']);
    expect(missing.code).toBe(3);
  });
});
