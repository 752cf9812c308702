import { describe, expect, it } from 'vitest';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { collect, failure, oneFile, raw, single } from './collect.ts';

describe('entry types', () => {
  it.each(['0', '\0', '7'])('reads typeflag %j as a regular file', (typeflag) => {
    expect(single(raw({ typeflag }, { body: 'x' }))).toMatchObject({ type: 'file', content: 'x' });
  });

  it.each(['0', '\0', '7'])(
    'reads typeflag %j with a trailing slash as a directory',
    (typeflag) => {
      const entry = single(tar([{ path: 'd/', header: { typeflag } }]));
      expect(entry).toMatchObject({ type: 'directory', name: 'd/', size: 0 });
    },
  );

  it('gives an old directory with a size no body, as Go, Python and libarchive do', () => {
    const header = { typeflag: '\0', size: '00000000003' };
    const { entries } = collect(tar([{ path: 'd/', header }, { path: 'c' }]));
    expect(entries.map(({ name, size }) => [name, size])).toEqual([
      ['d/', 0],
      ['c', 0],
    ]);
  });

  it('refuses content behind a modern file type with a trailing slash, where readers differ', () => {
    const error = failure(tar([{ path: 'd/', body: 'abc', header: { typeflag: '0' } }]));
    expect(error).toMatchObject({ code: 'E_TAR', place: 'd/, offset 0' });
  });

  it('reads every other type with what belongs to it', () => {
    const { entries } = collect(
      tar([
        { path: 'h', type: 'hardlink', linkPath: 'a' },
        { path: 's', linkPath: '../../x' },
        { path: 'c', type: 'char', major: 4095, minor: 0o7777 },
        { path: 'b', type: 'block', major: 8, minor: 1 },
        { path: 'd/' },
        { path: 'f', type: 'fifo' },
      ]),
    );
    expect(entries.map((e) => [e.type, e.link, e.major, e.minor, e.size, e.offset / 512])).toEqual([
      ['hardlink', 'a', 0, 0, 0, 0],
      ['symlink', '../../x', 0, 0, 0, 1],
      ['char', '', 4095, 0o7777, 0, 2],
      ['block', '', 8, 1, 0, 3],
      ['directory', '', 0, 0, 0, 4],
      ['fifo', '', 0, 0, 0, 5],
    ]);
  });

  it.each(['hardlink', 'symlink', 'char', 'block', 'directory', 'fifo'] as const)(
    'gives a %s with a size no body, as Go, Python, GNU tar -x and libarchive do',
    (type) => {
      const odd = { path: 'b', type, linkPath: 'a', header: { size: '00000000005' } };
      const { entries } = collect(
        tar([{ path: 'a', body: 'abc' }, odd, { path: 'c', body: 'cc' }]),
      );
      expect(entries.map(({ name, size }) => [name, size])).toEqual([
        ['a', 3],
        ['b', 0],
        ['c', 2],
      ]);
    },
  );

  it('gives a hard link whose size is a PAX record no body either', () => {
    const link: TarItem = { path: 'b', type: 'hardlink', linkPath: 'a', pax: { size: '5' } };
    expect(collect(tar([link, { path: 'c' }])).entries.map(({ name }) => name)).toEqual(['b', 'c']);
  });

  it('refuses a hard link that has a body all the same, at the offset of the body', () => {
    const link: TarItem = { path: 'b', type: 'hardlink', linkPath: 'a', body: 'hello' };
    expect(failure(tar([link, { path: 'c' }]))).toMatchObject({
      code: 'E_TAR',
      place: 'offset 512',
    });
  });

  it('passes over the body of a GNU dumpdir (D), which is a directory', () => {
    const dump: TarItem = {
      path: 'd/',
      type: 'directory',
      body: 'Yfile\0\0',
      header: { typeflag: 'D' },
    };
    const { entries } = collect(tar([dump, { path: 'c', body: 'c' }]));
    expect(entries.map(({ type, content }) => [type, content])).toEqual([
      ['directory', ''],
      ['file', 'c'],
    ]);
  });

  it('passes over a GNU volume label (V) and its body', () => {
    const label: TarItem = { path: 'volume', body: 'x', header: { typeflag: 'V' } };
    expect(collect(tar([label, { path: 'c' }])).entries.map(({ name }) => name)).toEqual(['c']);
  });

  it.each(['M', 'N', 'A', 'X', 'Z', '8', '\x01', '\xff'])('refuses typeflag %j by name', (flag) => {
    const typeflag = Uint8Array.of(flag.charCodeAt(0));
    const error = failure(tar([{ path: 'a' }, { path: 'dir/odd', header: { typeflag } }]));
    expect(error).toMatchObject({ code: 'E_TAR', place: 'dir/odd, offset 512' });
    expect(error.summary).toContain(/[A-Z8]/.test(flag) ? `"${flag}"` : '0x');
  });

  it('refuses a symlink or hard link without a target', () => {
    for (const type of ['symlink', 'hardlink'] as const) {
      expect(failure(oneFile({ type }))).toMatchObject({ code: 'E_TAR', place: 'a, offset 0' });
    }
  });

  it('refuses an empty path', () => {
    expect(failure(oneFile({ path: '' }))).toMatchObject({ code: 'E_PATH', place: 'offset 0' });
  });
});
