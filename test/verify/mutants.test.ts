/** `verify` finds whatever is wrong in an image: one mutant for each thing that can be, and nothing else. */

import { copyFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeDevice } from '../../src/erofs/file-types.ts';
import type { DirectoryEntry } from '../../src/erofs/reader.ts';
import type { VerifyResult } from '../../src/index.ts';
import { S_IFBLK, S_IFIFO, S_IFREG } from '../../src/posix.ts';
import { ImageEditor } from '../support/edit-image.ts';
import { loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const TIME = 1_700_000_000;
const BLOCKS = 2 * 4096;

/** Every type, both forms of inodes, content in blocks and beside inodes, attributes shared and not. */
const ITEMS: readonly TarItem[] = [
  { path: 'd/', mode: 0o750, mtime: TIME, xattrs: { 'user.dir': 'x' } },
  { path: 'd/blocks', body: 'b'.repeat(BLOCKS), mtime: TIME },
  { path: 'd/others', body: 'o'.repeat(BLOCKS), mtime: TIME },
  { path: 'd/tail', body: `${'t'.repeat(5000)}`, mtime: TIME },
  { path: 'd/inline', body: 'inline', mtime: TIME, xattrs: { 'user.own': 'only-here' } },
  { path: 'd/empty', mtime: TIME },
  { path: 'd/with', mtime: TIME, xattrs: { 'user.a': '1', 'security.b': '2' } },
  { path: 'd/long', body: 'l', uid: 100_000, mtime: TIME + 5, mtimeNsec: 7 },
  { path: 'hard1', body: 'same', mtime: TIME },
  { path: 'hard2', type: 'hardlink', linkPath: 'hard1' },
  { path: 'like', body: 'same', mtime: TIME },
  { path: 'link', linkPath: 'd/inline', mtime: TIME },
  { path: 'null', type: 'char', major: 1, minor: 3, mtime: TIME },
  { path: 'pipe', type: 'fifo', mtime: TIME },
  { path: 'sub/sub/', mtime: TIME },
  { path: 'sub/sub/x', mtime: TIME },
  { path: 'twin1/', mtime: TIME },
  { path: 'twin2/', mtime: TIME },
];

/** Those whose inodes have their time from the image; directories without an entry have it by definition. */
const OF_IMAGE_TIME = [
  ...['/d', '/d/blocks', '/d/empty', '/d/inline', '/d/others', '/d/tail', '/d/with'],
  ...['/hard1', '/like', '/link', '/null', '/pipe', '/sub/sub', '/sub/sub/x', '/twin1', '/twin2'],
];

type Mutation = (image: ImageEditor) => void;
/** `path what`, as they are reported. */
type Row = readonly [name: string, mutation: Mutation, differences: readonly string[]];

/** Swaps or drops entries by name. */
function entry(
  name: string,
  change: (entry: DirectoryEntry, image: ImageEditor) => Partial<DirectoryEntry> | undefined,
  directory = '/',
): Mutation {
  return (image) =>
    image.setEntries(directory, (entries) =>
      entries.flatMap((one) => {
        if (one.name !== name) return [one];
        const changed = change(one, image);
        return changed === undefined ? [] : [{ ...one, ...changed }];
      }),
    );
}

const ROWS: readonly Row[] = [
  ['one byte of content', (i) => i.changeContent('/d/blocks', 4095), ['/d/blocks content']],
  ['the last byte of a tail', (i) => i.changeContent('/d/tail', 4999), ['/d/tail content']],
  ['one byte beside an inode', (i) => i.changeContent('/d/inline', 0), ['/d/inline content']],
  [
    'contents swapped',
    (i) => {
      const [a, b] = [i.inode('/d/blocks'), i.inode('/d/others')];
      i.set('/d/blocks', { data: b.data! });
      i.set('/d/others', { data: a.data! });
    },
    ['/d/blocks content', '/d/others content'],
  ],
  ['one bit of a mode', (i) => i.set('/d/empty', { mode: S_IFREG | 0o645 }), ['/d/empty mode']],
  ['the sticky bit', (i) => i.set('/d', { mode: 0o41750 }), ['/d mode']],
  ['a user', (i) => i.set('/d/empty', { uid: 1 }), ['/d/empty uid']],
  ['a user in 32 bits', (i) => i.set('/d/long', { uid: 100_000 - 65_536 }), ['/d/long uid']],
  ['a group', (i) => i.set('/pipe', { gid: 1 }), ['/pipe gid']],
  ['a second', (i) => i.set('/d/long', { mtime: TIME + 4 }), ['/d/long time']],
  ['a nanosecond', (i) => i.set('/d/long', { mtimeNsec: 8 }), ['/d/long time']],
  ['a size less one', (i) => i.set('/d/blocks', { size: BLOCKS - 1 }), ['/d/blocks size']],
  ['a size more one', (i) => i.set('/d/others', { size: BLOCKS + 1 }), ['/d/others size']],
  ['a link count', (i) => i.set('/hard1', { nlink: 3 }), ['/hard1 links']],
  ['a link count of a directory', (i) => i.set('/sub', { nlink: 4 }), ['/sub links']],
  ['one byte of a target', (i) => i.changeContent('/link', 3), ['/link target']],
  ['a minor number', (i) => i.set('/null', { data: encodeDevice(1, 5) }), ['/null device']],
  ['a major number', (i) => i.set('/null', { data: encodeDevice(2, 3) }), ['/null device']],
  [
    'another type, in the inode alone',
    (i) => i.set('/null', { mode: S_IFBLK | 0o644 }),
    ['/null entry type', '/null type'],
  ],
  [
    'another type',
    (i) => {
      i.set('/d/empty', { mode: S_IFIFO | 0o644 });
      entry('empty', () => ({ fileType: 5 }), '/d')(i);
    },
    ['/d/empty type'],
  ],
  ['another type in the entry alone', entry('null', () => ({ fileType: 4 })), ['/null entry type']],
  ['a value', (i) => i.changeBehind('/d/inline', 'only-here'), ['/d/inline xattr user.own']],
  [
    'a missing attribute',
    (i) => i.setXattrs('/d/with', { 'user.a': '1' }),
    ['/d/with xattr security.b'],
  ],
  [
    'no attribute at all',
    (i) => i.setXattrs('/d/with', {}),
    ['/d/with xattr security.b', '/d/with xattr user.a'],
  ],
  [
    'an extra attribute',
    (i) => i.setXattrs('/d/empty', { 'user.x': '' }),
    ['/d/empty xattr user.x'],
  ],
  [
    'an attribute of another name',
    (i) => i.setXattrs('/d/with', { 'user.A': '1', 'security.b': '2' }),
    ['/d/with xattr user.A', '/d/with xattr user.a'],
  ],
  ['a missing name', entry('pipe', () => undefined), ['/pipe entry']],
  ['a missing name of several', entry('hard2', () => undefined), ['/hard2 entry']],
  ['a missing directory', entry('sub', () => undefined), ['/sub entry']],
  ['another name', entry('pipe', () => ({ name: 'pips' })), ['/pipe entry', '/pips entry']],
  [
    'an extra name',
    (i) => {
      const { nid } = i.inode('/like');
      i.setEntries('/', (entries) => [...entries, { name: 'zz', nid, fileType: 1 }]);
    },
    ['/zz entry'],
  ],
  [
    'two names that are no longer the same file',
    entry('hard2', (_, i) => ({ nid: i.inode('/like').nid })),
    ['/hard2 links', '/hard2 link to', '/like link to'],
  ],
  [
    'two names that are wrongly the same file',
    entry('like', (_, i) => ({ nid: i.inode('/hard1').nid })),
    ['/like links', '/like link to'],
  ],
  [
    'a directory in two places',
    entry('twin2', (_, i) => ({ nid: i.inode('/twin1').nid })),
    ['/twin2 link to'],
  ],
  [
    "'..' that leads elsewhere",
    entry('..', (_, i) => ({ nid: i.inode('/d').nid }), '/sub/sub'),
    ['/sub/sub ..'],
  ],
  ["no '.'", entry('.', () => undefined, '/sub/sub'), ['/sub/sub .']],
  [
    'the time of the image',
    (i) => i.superblock({ epoch: TIME - 1 }),
    OF_IMAGE_TIME.map((at) => `${at} time`),
  ],
  ['an inode of no known form', (i) => i.set('/d/tail', { format: 0xff }), ['/d/tail damage']],
  ['an inode outside the image', entry('pipe', () => ({ nid: 2 ** 40 })), ['/pipe damage']],
  ['a directory without valid entries', (i) => i.set('/sub/sub', { size: 5 }), ['/sub/sub damage']],
  ['content outside the image', (i) => i.set('/d/others', { data: 0xfffff }), ['/d/others damage']],
];

describe('a mutant', () => {
  const path = useWorkFolder();

  const verify = async (image: string): Promise<VerifyResult> => {
    const { verifyImage } = await loadLibrary();
    return verifyImage({ image, source: `tar:${path('source.tar')}`, threads: 0 });
  };

  beforeAll(async () => {
    const { build } = await loadLibrary();
    await writeFile(path('source.tar'), tar(ITEMS));
    const options = { source: `tar:${path('source.tar')}`, timestamp: TIME, threads: 0 };
    await build({ ...options, output: path('image') });
  });

  it('is none where nothing was changed', async () => {
    await copyFile(path('image'), path('copy'));
    const image = await ImageEditor.open(path('copy'));
    await image.save(path('copy'));
    const { equal, differenceCount, differences, names } = await verify(path('copy'));
    expect({ equal, differenceCount, differences }).toEqual({
      equal: true,
      differenceCount: 0,
      differences: [],
    });
    expect(names).toBe(ITEMS.length + 2);
  });

  it.each(ROWS)('is found by %s', async (_, mutation, expected) => {
    const image = await ImageEditor.open(path('image'));
    mutation(image);
    await image.save(path('mutant'));
    const { equal, differenceCount, differences } = await verify(path('mutant'));
    const told = differences.map(({ path: at, what }) => `${at} ${what}`);
    expect(told).toEqual(expected);
    expect({ equal, differenceCount }).toEqual({ equal: false, differenceCount: expected.length });
    for (const { expected: before, found } of differences) expect(before).not.toBe(found);
  });
});
