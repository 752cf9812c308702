/** Names as the commands print them are taken back: each of them leads to the file it was printed for. */

import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromLatin1, fromPrintable, latin1, printable } from '../../src/bytes.ts';
import { loadLibrary } from '../support/library.ts';
import { tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { runInTest } from './run-command.ts';

const utf8 = (text: string) => latin1(Buffer.from(text));

/** What a name may have in it, one char code a byte: pieces of escapes above all. */
const PIECES = [
  ...[
    '\\',
    '\\x5c',
    'x5c',
    '\\x85',
    '\\xff',
    '\\x0a',
    '\\x41',
    '\\u{85}',
    '\\u{202e}',
    'u{202e}',
    '}',
  ],
  ...['a', 'é', '世', '\u{85}', '\u{202e}', '\u{fffd}', '\u{1f600}'].map(utf8),
  ...['\n', '\x1b', '\x7f', '\x85', '\xff', '\xe2\x80', '\xed\xa0\x80'],
];
const NAMES = [
  ...['\u{202e}', '\u{85}', '\\u{202e}', '\\u{85}', '\\u{41}', 'é\\x0a'].map(utf8),
  ...['\x85', '\\x85', '\\x5cx85', '\\x5c', '\n', '\\x0a', '\\\n', '\xff\\xff', 'a\\x2db'],
];

describe('a name that is printed', () => {
  it('is the bytes that it was printed for', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }), (pieces) => {
        const name = pieces.join('');
        const shown = printable(fromLatin1(name));
        expect(latin1(fromPrintable(shown))).toBe(name);
        expect(shown).not.toMatch(/[\p{Cc}\u202e]/u);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['system-systemd\\x2dcryptsetup.slice', 'system-systemd\\x2dcryptsetup.slice'],
    ['C:\\x41\\u{41}\\xFF', 'C:\\x41\\u{41}\\xFF'],
    ['\\x0a', '\\x5cx0a'],
    [utf8('\u{85}'), '\\u{85}'],
    ['\x85', '\\x85'],
    [utf8('\u{202e}gnp'), '\\u{202e}gnp'],
  ])('%j is %s', (name, shown) => {
    expect(printable(fromLatin1(name))).toBe(shown);
    expect(latin1(fromPrintable(shown))).toBe(name);
  });

  describe('in an image', () => {
    const path = useWorkFolder();
    let image = '';

    beforeAll(async () => {
      const { build } = await loadLibrary();
      const items = NAMES.map((name) => ({
        path: fromLatin1(`d/${name}`),
        body: fromLatin1(name),
      }));
      const links = NAMES.map((name, index) => ({
        ...{ path: `links/${index}`, linkPath: fromLatin1(`../d/${name}`) },
      }));
      await writeFile(path('tar'), tar([...items, ...links]));
      image = path('image');
      await build({ source: `tar:${path('tar')}`, output: image, threads: 0 });
    });

    it('leads to its file', async () => {
      const { stdout } = await runInTest(['ls', image, 'd']);
      const shown = stdout.trimEnd().split('\n');
      expect(new Set(shown).size).toBe(NAMES.length);
      const { readImageFile } = await loadLibrary();
      const found: string[] = [];
      for (const name of shown) {
        const stat = await runInTest(['stat', image, `d/${name}`]);
        expect([stat.code, stat.stdout.split('\n')[0]]).toEqual([0, `path    /d/${name}`]);
        expect((await runInTest(['ls', '-d', image, `d/${name}`])).stdout).toBe(`d/${name}\n`);
        for await (const piece of readImageFile(image, fromPrintable(`d/${name}`))) {
          found.push(latin1(piece));
        }
      }
      expect(found.sort()).toEqual(NAMES.toSorted());
    });

    it('is what extract takes', async () => {
      const output = path('file');
      for (const name of NAMES) {
        const shown = printable(fromLatin1(`d/${name}`));
        const { code } = await runInTest(['extract', image, shown, '-o', output, '--force']);
        expect([code, latin1(await readFile(output))]).toEqual([0, name]);
      }
    });

    it('is a target too', async () => {
      const { stdout } = await runInTest(['ls', '-l', image, 'links']);
      const targets = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' -> ')[1]!);
      const names = targets.map((target) => latin1(fromPrintable(target)).replace('../d/', ''));
      expect(names.sort()).toEqual(NAMES.toSorted());
    });

    it('is what the library takes where there is no such name', async () => {
      const { statImage } = await loadLibrary();
      expect((await statImage(image, 'd/\\xff\\x5cxff')).pathBase64).toBeDefined();
      expect((await statImage(image, 'd/\\x85')).path).toBe('/d/\\x85');
    });
  });
});
