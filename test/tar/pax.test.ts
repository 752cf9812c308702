import { describe, expect, it } from 'vitest';
import {
  concat,
  extensionHeader,
  type PaxRecords,
  paxBody,
  paxHeader,
  type TarItem,
  tar,
} from '../support/tar-builder.ts';
import { collect, failure, oneFile, single, xattrsOf } from './collect.ts';

const withPax = (pax: PaxRecords) => oneFile({ pax, body: 'hello' });
const withBody = (body: string | Uint8Array) => concat([extensionHeader('x', body), oneFile({})]);

describe('PAX records', () => {
  it('takes path, linkpath, uid, gid and mtime from the records', () => {
    const pax = { path: 'p/q', linkpath: 't', uid: '4294967295', gid: '3000000', mtime: '-1.5' };
    expect(single(oneFile({ pax, type: 'symlink', linkPath: 'x' }))).toMatchObject({
      name: 'p/q',
      link: 't',
      uid: 4294967295,
      gid: 3000000,
      mtime: -2,
      mtimeNsec: 500_000_000,
    });
  });

  it('lets size override the header', () => {
    const archive = oneFile({ body: 'hello', pax: { size: '5' }, header: { size: '00000000000' } });
    expect(single(archive)).toMatchObject({ size: 5, content: 'hello' });
  });

  it('takes device numbers from SCHILY records', () => {
    const pax = { 'SCHILY.devmajor': '259', 'SCHILY.devminor': '1048575' };
    expect(single(oneFile({ pax, type: 'block' }))).toMatchObject({ major: 259, minor: 1048575 });
    const beyond = oneFile({ pax: { 'SCHILY.devminor': '1048576' }, type: 'block' });
    expect(failure(beyond)).toMatchObject({ code: 'E_RANGE', place: 'PaxHeaders/x, offset 0' });
  });

  it('does not look at a header field that a record overrides', () => {
    const header = { uid: '99999999', mtime: 'x' };
    expect(single(oneFile({ pax: { uid: '1', mtime: '2' }, header }))).toMatchObject({ uid: 1 });
  });

  it('keeps newlines, equals signs and any byte in a value', () => {
    const path = Uint8Array.from([0x61, 0x3d, 0x0a, 0x32, 0x30, 0x20, 0xff, 0x3d, 0x62]);
    expect(single(withPax({ path })).path).toEqual(path);
  });

  it('lets the later record of a key win', () => {
    expect(
      single(
        withPax([
          ['path', 'one'],
          ['path', 'two'],
        ]),
      ).name,
    ).toBe('two');
  });

  it('lets an empty record take an earlier one back', () => {
    expect(
      single(
        withPax([
          ['path', 'one'],
          ['path', ''],
        ]),
      ).name,
    ).toBe('a');
    expect(single(withPax({ path: '', size: '', mtime: '', uid: '', linkpath: '' }))).toMatchObject(
      {
        name: 'a',
        size: 5,
        mtime: 0,
      },
    );
  });

  it('ignores unknown keys, also those that objects have by nature', () => {
    const pax: [string, string | Uint8Array][] = [
      ['comment', '=\n'],
      ['hdrcharset', 'BINARY'],
      ['constructor', 'x'],
      ['__proto__', 'x'],
      ['atime', 'NaN'],
      ['VENDOR.key', Uint8Array.of(0, 255)],
    ];
    expect(single(withPax(pax))).toMatchObject({ name: 'a', content: 'hello', xattrs: [] });
  });

  it('lets the second of two headers replace the first whole, as Go and GNU tar do', () => {
    const archive = concat([paxHeader({ path: 'one' }), paxHeader({ mtime: '5' }), oneFile({})]);
    expect(single(archive)).toMatchObject({ name: 'a', mtime: 5 });
  });

  it('accepts an empty header', () => {
    expect(single(withBody('')).name).toBe('a');
  });

  it.each([
    ['no length', 'path=x\n'],
    ['a length of 0', '0 path=x\n'],
    ['a length one too small', '9 path=xx\n'],
    ['a length one too large', '11 path=x\n'],
    ['a length beyond the body', '99 path=x\n'],
    ['a length of many digits', '00000000000000000010 path=x\n'],
    ['a negative length', '-10 path=x\n'],
    ['no blank', '9path=xx\n'],
    ['no equals sign', '7 path\n'],
    ['an empty key', '5 =x\n'],
    ['no newline', '9 path=xx'],
    ['NUL padding behind it', '10 path=x\n\0\0'],
    ['a length of its own line only', '3 \n'],
  ])('refuses a record with %s', (_, body) => {
    expect(failure(withBody(body))).toMatchObject({ code: 'E_PAX' });
  });

  it.each([
    [{ mtime: 'NaN' }, 'E_PAX'],
    [{ mtime: '1e3' }, 'E_PAX'],
    [{ mtime: '9007199254740992' }, 'E_RANGE'],
    [{ uid: '4294967296' }, 'E_RANGE'],
    [{ gid: '-1' }, 'E_RANGE'],
    [{ uid: '1.5' }, 'E_PAX'],
    [{ size: '-5' }, 'E_TAR'],
    [{ size: '5 ' }, 'E_PAX'],
    [{ size: '9007199254740992' }, 'E_RANGE'],
    [{ path: 'a\0b' }, 'E_PAX'],
    [{ linkpath: 'a\0' }, 'E_PAX'],
  ])('refuses %j with %s', (pax, code) => {
    expect(failure(withPax(pax))).toMatchObject({ code });
  });

  it('names the path in a message, wherever its record stands', () => {
    const error = failure(
      withPax([
        ['uid', 'x'],
        ['path', 'usr/bin/tool'],
      ]),
    );
    expect(error).toMatchObject({ code: 'E_PAX', place: 'usr/bin/tool, offset 0' });
  });

  it('refuses a header that no entry follows', () => {
    const lone = paxHeader({ path: 'x' });
    expect(failure(concat([lone, new Uint8Array(1024)]))).toMatchObject({ code: 'E_PAX' });
    expect(failure(lone)).toMatchObject({ code: 'E_TRUNCATED', place: 'PaxHeaders/x, offset 0' });
  });

  it('applies a header to one entry only', () => {
    const { entries } = collect(tar([{ path: 'a', pax: { uid: '5' } }, { path: 'b' }]));
    expect(entries.map(({ uid }) => uid)).toEqual([5, 0]);
  });
});

describe('global PAX headers', () => {
  const item = (path: string, pax?: PaxRecords, globalPax?: PaxRecords) => ({
    path,
    ...(pax === undefined ? {} : { pax }),
    ...(globalPax === undefined ? {} : { globalPax }),
  });

  it('apply to all later entries until they are replaced, and a record of the entry wins', () => {
    const archive = tar([
      item('a'),
      item('b', undefined, { uid: '1', gid: '2', 'SCHILY.xattr.user.g': 'global' }),
      item('c', { uid: '9', 'SCHILY.xattr.user.g': 'own', 'SCHILY.xattr.user.l': 'x' }),
      item('d', undefined, { uid: '3' }),
      item('e', { uid: '' }),
    ]);
    const { entries } = collect(archive);
    expect(entries.map((entry) => [entry.uid, entry.gid, xattrsOf(entry)])).toEqual([
      [0, 0, {}],
      [1, 2, { 'user.g': 'global' }],
      [9, 2, { 'user.g': 'own', 'user.l': 'x' }],
      [3, 2, { 'user.g': 'global' }],
      [0, 2, { 'user.g': 'global' }],
    ]);
  });

  it.each<[string, string, string, Partial<TarItem>]>([
    ['path', 'one', 'two', {}],
    ['linkpath', 'one', 'two', { linkPath: 'x' }],
    ['size', '1', '2', { body: 'xy' }],
    ['mtime', '1', '2', {}],
    ['uid', '1', '2', {}],
    ['gid', '1', '2', {}],
    ['SCHILY.devmajor', '1', '2', { type: 'char' }],
    ['SCHILY.devminor', '1', '2', { type: 'char' }],
  ])('give %s, unless the entry has its own', (key, global, own, more) => {
    const globalPax = { [key]: global };
    const valuesFor = (item: Partial<TarItem>) => {
      const { name, link, size, mtime, uid, gid, major, minor } = single(oneFile(item));
      return [name, link, size, mtime, uid, gid, major, minor].map(String);
    };
    const inherited = valuesFor({ ...more, globalPax, pax: { comment: 'x' } });
    expect(inherited).toEqual(valuesFor({ ...more, pax: { [key]: global } }));
    const overridden = valuesFor({ ...more, globalPax, pax: { [key]: own } });
    expect(overridden).toEqual(valuesFor({ ...more, pax: { [key]: own } }));
    expect(overridden).not.toEqual(inherited);
  });

  it('are taken back by an empty record', () => {
    const archive = tar([item('a', undefined, { uid: '1' }), item('b', undefined, { uid: '' })]);
    expect(collect(archive).entries.map(({ uid }) => uid)).toEqual([1, 0]);
  });

  it('may stand between a local header and its entry', () => {
    const archive = concat([
      paxHeader({ path: 'p' }),
      paxHeader({ uid: '7', path: 'g' }, 'g'),
      oneFile({}),
    ]);
    expect(single(archive)).toMatchObject({ name: 'p', uid: 7 });
  });

  it('may be all there is in an archive', () => {
    const archive = concat([paxHeader({ comment: 'commit' }, 'g'), new Uint8Array(1024)]);
    expect(collect(archive)).toEqual({ entries: [], warnings: [] });
  });

  it('give no entry a sparse map', () => {
    const globalPax = { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '9' };
    expect(single(oneFile({ globalPax, body: 'x' }))).toMatchObject({ sparse: false, size: 1 });
  });

  it('do not add up beyond the limit of attributes', () => {
    const archive = tar([item('a', { 'SCHILY.xattr.user.b': '' }, { 'SCHILY.xattr.user.a': '' })]);
    expect(failure(archive, { xattrs: 1 })).toMatchObject({ code: 'E_LIMIT' });
  });
});

describe('the length of a PAX record', () => {
  it('is read right where its own digits make it longer', () => {
    for (let length = 80; length < 1200; length++) {
      const path = 'p'.repeat(length);
      const archive = concat([extensionHeader('x', paxBody({ path })), oneFile({})]);
      expect(single(archive).path.length).toBe(length);
    }
  });
});
