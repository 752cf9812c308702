import { describe, expect, it } from 'vitest';
import { bytesOf } from '../support/tar-builder.ts';
import { failure, oneFile, single, text, xattrsOf } from './collect.ts';

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);

describe('extended attributes', () => {
  it('keeps every byte of a SCHILY value', () => {
    const entry = single(oneFile({ xattrs: { 'user.x': everyByte } }));
    expect(entry.xattrs).toEqual([{ name: bytesOf('user.x'), value: everyByte }]);
  });

  it('keeps an empty value, which Linux has', () => {
    expect(xattrsOf(single(oneFile({ xattrs: { 'user.empty': '' } })))).toEqual({
      'user.empty': '',
    });
  });

  it('reads a capability as the 20 bytes it is', () => {
    const capability = Uint8Array.from([1, 0, 0, 2, 0, 0x20, ...new Array(14).fill(0)]);
    const entry = single(oneFile({ xattrs: { 'security.capability': capability } }));
    expect(entry.xattrs[0]!.value).toEqual(capability);
  });

  it('decodes LIBARCHIVE records: URL-encoded names, base64 values', () => {
    const pax = {
      'LIBARCHIVE.xattr.user.a%3Db%25%zz%C3%A9': Buffer.from(everyByte)
        .toString('base64')
        .replaceAll('=', ''),
    };
    expect(xattrsOf(single(oneFile({ pax })))).toEqual({ 'user.a=b%%zz\xc3\xa9': text(everyByte) });
  });

  it.each([
    ['', ''],
    ['TQ', 'M'],
    ['TQ==', 'M'],
    ['TWE', 'Ma'],
    ['TWE=', 'Ma'],
    ['TWFu', 'Man'],
    ['+/+/', '\xfb\xff\xbf'],
  ])('decodes base64 %j', (encoded, expected) => {
    const pax = { 'LIBARCHIVE.xattr.user.x': encoded };
    expect(xattrsOf(single(oneFile({ pax })))['user.x']).toBe(expected);
  });

  it.each(['T', 'TWFuT', 'TW-u', 'TW u', 'T=Q=', 'TWFu\n', '===='])(
    'refuses %j as base64',
    (value) => {
      const pax = { 'LIBARCHIVE.xattr.user.x': value };
      expect(failure(oneFile({ pax }))).toMatchObject({ code: 'E_PAX' });
    },
  );

  it('makes one attribute of a SCHILY and a LIBARCHIVE record of the same name', () => {
    const pax = { 'LIBARCHIVE.xattr.user.x': 'dmFsdWU', 'SCHILY.xattr.user.x': 'value' };
    expect(single(oneFile({ pax })).xattrs).toHaveLength(1);
    expect(xattrsOf(single(oneFile({ pax })))).toEqual({ 'user.x': 'value' });
  });

  it('takes RHT.security.selinux as it is, with or without a closing NUL', () => {
    for (const value of ['system_u:object_r:bin_t:s0', 'system_u:object_r:bin_t:s0\0']) {
      const entry = single(oneFile({ pax: { 'RHT.security.selinux': value } }));
      expect(xattrsOf(entry)).toEqual({ 'security.selinux': value });
    }
  });

  it('keeps the order in which names first appear', () => {
    const pax: [string, string][] = ['b', 'a', 'b'].map((n, i) => [
      `SCHILY.xattr.user.${n}`,
      `${i}`,
    ]);
    const entry = single(oneFile({ pax }));
    expect(Object.entries(xattrsOf(entry))).toEqual([
      ['user.b', '2'],
      ['user.a', '1'],
    ]);
  });

  it('takes a name of 255 bytes and a value of 65535, and no more', () => {
    const name = `user.${'n'.repeat(250)}`;
    const value = new Uint8Array(65_535).fill(10);
    const [xattr] = single(oneFile({ xattrs: { [name]: value } })).xattrs;
    expect([xattr!.name.length, xattr!.value.length]).toEqual([255, 65_535]);
    const longName = failure(oneFile({ xattrs: { [`${name}x`]: '' } }));
    expect(longName).toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining('xattr-name=255'),
    });
    const longValue = failure(oneFile({ xattrs: { 'user.x': new Uint8Array(65_536) } }));
    expect(longValue).toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining('xattr-value=65535'),
    });
  });

  it('refuses an empty name, and one with a NUL', () => {
    for (const pax of [{ 'SCHILY.xattr.': 'x' }, { 'LIBARCHIVE.xattr.a%00b': '' }]) {
      expect(failure(oneFile({ pax }))).toMatchObject({ code: 'E_XATTR' });
    }
  });

  it('holds copies, not views of the input', () => {
    const archive = oneFile({ xattrs: { 'user.x': 'value' }, path: 'p'.repeat(120) });
    const entry = single(archive);
    archive.fill(0);
    expect(xattrsOf(entry)).toEqual({ 'user.x': 'value' });
    expect(text(entry.path)).toBe('p'.repeat(120));
  });
});
