/** What differs between two images, name by name. */

import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runInTest } from '../cli/run-command.ts';
import { loadLibrary } from '../support/library.ts';
import { ODD_IMAGE_NEEDS, useOddImages } from '../support/odd-image.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const FILE: TarItem = { path: 'x/file', body: 'content', mtime: 5 };
const ROOT: TarItem = { path: './', mtime: 1 };
const FOLDER: TarItem = { path: 'x/', mtime: 2 };

describe('the difference of images', () => {
  const path = useWorkFolder();
  let count = 0;
  const imageOf = async (items: readonly TarItem[], options = {}): Promise<string> => {
    const { build } = await loadLibrary();
    const [archive, output] = [path(`${++count}.tar`), path(`${count}.erofs`)];
    await writeFile(archive, tar([ROOT, FOLDER, ...items]));
    await build({ source: `tar:${archive}`, output, threads: 1, timestamp: 9, ...options });
    return output;
  };

  it('is found of images that begin anywhere in their files', async () => {
    const [a, b] = [await imageOf([FILE]), await imageOf([{ ...FILE, mode: 0o600 }])];
    await writeFile(path('behind'), Buffer.concat([Buffer.alloc(4096), await readFile(b)]));
    const differs = await runInTest(['diff', '--offset-b', '4096', a, path('behind')]);
    expect([differs.code, differs.stdout]).toEqual([1, '~ /x/file: mode 0644 -> 0600\n']);
    const same = await runInTest(['diff', '--offset-a=4096', path('behind'), b]);
    expect([same.code, same.stdout]).toEqual([0, '']);
  });

  const cases: readonly [string, TarItem[], TarItem[], string[]][] = [
    ['a missing file', [FILE], [], ['- /x/file']],
    ['a file more', [], [FILE], ['+ /x/file']],
    ['a mode', [FILE], [{ ...FILE, mode: 0o4755 }], ['~ /x/file: mode 0644 -> 04755']],
    ['owners', [FILE], [{ ...FILE, uid: 1, gid: 2 }], ['~ /x/file: uid 0 -> 1, gid 0 -> 2']],
    [
      'a time',
      [FILE],
      [{ ...FILE, mtimeNsec: 1 }],
      ['~ /x/file: time 1970-01-01T00:00:05Z -> 1970-01-01T00:00:05.000000001Z'],
    ],
    ['content', [FILE], [{ ...FILE, body: 'contenT' }], ['~ /x/file: content from byte 6']],
    [
      'a length',
      [FILE],
      [{ ...FILE, body: 'content and more' }],
      ['~ /x/file: size 7 -> 16, content from byte 7'],
    ],
    [
      'attributes',
      [{ ...FILE, xattrs: { 'user.a': '1', 'user.c': 'same' } }],
      [{ ...FILE, xattrs: { 'user.a': '\0', 'user.b': '2', 'user.c': 'same' } }],
      ['~ /x/file: xattr user.a "1" -> 0x00, xattr user.b (none) -> "2"'],
    ],
    [
      'a target',
      [{ path: 'x/l', linkPath: 'a', mtime: 5 }],
      [{ path: 'x/l', linkPath: 'b\n', mtime: 5 }],
      ['~ /x/l: size 1 -> 2, target a -> b\\x0a'],
    ],
    [
      'a device',
      [{ path: 'd', type: 'block', major: 8, minor: 1, mtime: 5 }],
      [{ path: 'd', type: 'block', major: 8, minor: 300, mtime: 5 }],
      ['~ /d: device 8,1 -> 8,300'],
    ],
    [
      'a type, with what was in it',
      [FILE],
      [{ path: 'x', linkPath: 'y', mtime: 2 }],
      ['~ /: links 3 -> 2', '~ /x: type directory -> symlink', '- /x/file'],
    ],
    [
      'a hard link that is one no more',
      [FILE, { path: 'y', type: 'hardlink', linkPath: 'x/file' }],
      [FILE, { ...FILE, path: 'y' }],
      ['~ /x/file: links 2 -> 1', '~ /y: links 2 -> 1, link to /x/file -> /y'],
    ],
    [
      'every name of one inode',
      [FILE, { path: 'y', type: 'hardlink', linkPath: 'x/file' }],
      [
        { ...FILE, body: 'c0ntent' },
        { path: 'y', type: 'hardlink', linkPath: 'x/file' },
      ],
      ['~ /x/file: content from byte 1', '~ /y: content from byte 1'],
    ],
    [
      'names that sort oddly',
      [{ path: 'x/a', mtime: 5 }, { path: 'x-', mtime: 5 }, FILE],
      [{ path: 'x/b', mtime: 5 }, { path: 'x.', mtime: 5 }, FILE],
      ['- /x/a', '+ /x/b', '- /x-', '+ /x.'],
    ],
  ];

  it.each(cases)('tells %s', async (_, before, after, lines) => {
    const [a, b] = [await imageOf(before), await imageOf(after)];
    const { code, stdout } = await runInTest(['diff', a, b]);
    expect(stdout.trimEnd().split('\n')).toEqual(lines);
    expect(code).toBe(1);
    const mirrored = await runInTest(['diff', b, a]);
    const names = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':')[0]);
    const swap: Record<string, string> = { '-': '+', '+': '-' };
    expect(names(mirrored.stdout.replace(/^[-+]/gm, (mark) => swap[mark]!)).toSorted()).toEqual(
      names(stdout).toSorted(),
    );
  });

  it('is nothing where only the form differs', async () => {
    const items = [FILE, { path: 'big', body: 'y'.repeat(9_000), mtime: 3 }];
    const a = await imageOf(items);
    const b = await imageOf(items, { blockSize: 512, label: 'other', profile: 'default' });
    expect(await runInTest(['diff', a, b])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('comes as JSON, a line each', async () => {
    const a = await imageOf([FILE, { path: Buffer.from('\xff', 'latin1'), mtime: 5 }]);
    const b = await imageOf([{ ...FILE, mode: 0o600, body: 'c' }]);
    const { code, stdout } = await runInTest(['diff', '--json', a, b]);
    expect(code).toBe(1);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        kind: 'changed',
        path: '/x/file',
        facts: [
          { what: 'mode', before: '0644', after: '0600' },
          { what: 'size', before: '7', after: '1' },
        ],
        contentOffset: 1,
      },
      { kind: 'removed', path: '/\\xff', pathBase64: 'L/8=' },
    ]);
  });

  it('ends with an error of its own where an image cannot be read', async () => {
    const a = await imageOf([FILE]);
    const outcome = await runInTest(['diff', a, path('nothing')]);
    expect([outcome.code, outcome.stderr]).toEqual([3, expect.stringContaining('[E_NOT_FOUND]')]);
  });
});

describeWith(ODD_IMAGE_NEEDS, 'the difference of makers', () => {
  const images = useOddImages();

  it('is what mkfs.erofs was not given, and what it makes of devices with two names', async () => {
    const { diffImages } = await loadLibrary();
    const lines: string[] = [];
    for await (const { kind, path, facts = [] } of diffImages(images.ours, images.theirs)) {
      lines.push(
        [kind, path.replace(/[^/]{200,}/g, 'long'), ...facts.map(({ what }) => what)].join(' '),
      );
    }
    expect(lines).toEqual([
      'changed /names time',
      'removed /names/long',
      'removed /names/long',
      'changed /special/null links',
      'changed /special/null-2 links link to',
      'added /special/socket',
    ]);
  });
});
