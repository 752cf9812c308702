import { describe, expect, it } from 'vitest';
import { concat, extensionHeader, paxHeader, tar, tarItem } from '../support/tar-builder.ts';
import { collect, failure, oneFile, single } from './collect.ts';

describe('GNU long names', () => {
  const long = (typeflag: string, body: string) => extensionHeader(typeflag, body, 'gnu');

  it('gives the next entry its name (L) and link target (K), in either order', () => {
    const name = 'n'.repeat(3000);
    const target = 't'.repeat(3000);
    const link = tarItem({ path: 'cut', linkPath: 'cut', dialect: 'gnu' });
    for (const headers of [
      [long('L', `${name}\0`), long('K', `${target}\0`)],
      [long('K', `${target}\0`), long('L', `${name}\0`)],
    ]) {
      const { entries } = collect(concat([...headers, link, tar([{ path: 'next' }])]));
      expect(entries.map((entry) => [entry.name, entry.link])).toEqual([
        [name, target],
        ['next', ''],
      ]);
    }
  });

  it('ends a long name at its first NUL, or at its end', () => {
    expect(single(concat([long('L', 'abc\0def'), oneFile({})])).name).toBe('abc');
    expect(single(concat([long('L', 'abc'), oneFile({})])).name).toBe('abc');
  });

  it('lets the last of several win, as Go, GNU tar and libarchive do', () => {
    expect(single(concat([long('L', 'one\0'), long('L', 'two\0'), oneFile({})])).name).toBe('two');
  });

  it('puts a long name before a PAX path, as Go does, whatever their order', () => {
    const pax = paxHeader({ path: 'pax' });
    expect(single(concat([pax, long('L', 'long\0'), oneFile({})])).name).toBe('long');
    expect(single(concat([long('L', 'long\0'), pax, oneFile({})])).name).toBe('long');
  });

  it('says nothing about the entry after the next, nor does a PAX header', () => {
    const { entries } = collect(
      concat([
        long('L', 'first\0'),
        long('K', 'target\0'),
        tarItem({ path: 'cut', linkPath: 'cut', pax: { uid: '5' } }),
        long('K', 'other\0'),
        tarItem({ path: 'second', linkPath: 'cut' }),
        long('L', 'third\0'),
        tar([{ path: 'cut', linkPath: 'own' }]),
      ]),
    );
    expect(entries.map(({ name, link, uid }) => [name, link, uid])).toEqual([
      ['first', 'target', 5],
      ['second', 'other', 0],
      ['third', 'own', 0],
    ]);
  });

  it('belongs to the volume label where that comes next', () => {
    const label = tarItem({ path: 'volume', header: { typeflag: 'V' } });
    expect(single(concat([long('L', 'name\0'), label, oneFile({})])).name).toBe('a');
  });

  it('refuses one that no entry follows', () => {
    const error = failure(concat([long('L', 'abc\0'), new Uint8Array(1024)]));
    expect(error).toMatchObject({ code: 'E_TAR', place: '././@LongLink, offset 0' });
    expect(failure(long('L', 'abc\0'))).toMatchObject({ code: 'E_TRUNCATED' });
  });

  it('refuses an empty one', () => {
    expect(failure(concat([long('L', '\0'), oneFile({})]))).toMatchObject({ code: 'E_PATH' });
  });
});
