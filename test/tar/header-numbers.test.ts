import { describe, expect, it } from 'vitest';
import { base256, octal } from '../support/tar-builder.ts';
import { failure, raw, single } from './collect.ts';

describe('numbers in the header', () => {
  const mtimeOf = (mtime: string | Uint8Array) => single(raw({ mtime })).mtime;

  it.each([
    ['leading blanks', '   644 \0', 0o644],
    ['leading zeros and a NUL', '0000644\0', 0o644],
    ['a blank at the end', '0000644 ', 0o644],
    ['no end at all', '00000644', 0o644],
    ['rubbish after the end', '644\0zzzz', 0o644],
    ['blanks alone', '        ', 0],
    ['NULs alone', '\0'.repeat(8), 0],
    ['file type bits, which are dropped', '0104755\0', 0o4755],
  ])('reads a mode with %s', (_, mode, expected) => {
    expect(single(raw({ mode })).mode).toBe(expected);
  });

  it.each(['0000648\0', '-000644\0', '0x00644\0', '6q\0'])('refuses %j as a number', (mode) => {
    const error = failure(raw({ mode }));
    expect(error).toMatchObject({ code: 'E_TAR', summary: 'mode is not a number' });
  });

  it('reads base-256, also where its first byte is larger than 0x80', () => {
    expect(mtimeOf(base256(2n ** 40n, 12))).toBe(2 ** 40);
    expect(single(raw({ uid: base256(0xffff_ffffn, 8) })).uid).toBe(0xffff_ffff);
    const tiny = Uint8Array.of(0x85, 0, 0, 0, 0, 0, 0, 0);
    expect(failure(raw({ uid: tiny }))).toMatchObject({ code: 'E_RANGE' });
    expect(mtimeOf(base256(2n ** 53n - 1n, 12))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('reads negative base-256 times', () => {
    expect(mtimeOf(base256(-1n, 12))).toBe(-1);
    expect(mtimeOf(base256(-(2n ** 40n) - 5n, 12))).toBe(-(2 ** 40) - 5);
  });

  it.each([2n ** 53n, 2n ** 90n, -(2n ** 53n)])('refuses a time of %s seconds', (seconds) => {
    expect(failure(raw({ mtime: base256(seconds, 12) }))).toMatchObject({ code: 'E_RANGE' });
  });

  it.each([2n ** 53n, 2n ** 90n])('refuses a size of %s bytes', (size) => {
    expect(failure(raw({ size: base256(size, 12) }))).toMatchObject({ code: 'E_RANGE' });
  });

  it('refuses a negative size', () => {
    const error = failure(raw({ size: base256(-1n, 12) }));
    expect(error).toMatchObject({ code: 'E_TAR', summary: 'size is negative' });
  });

  it.each(['uid', 'gid'] as const)('refuses a %s outside 0 to 2^32-1', (field) => {
    for (const id of [-1n, 2n ** 32n]) {
      expect(failure(raw({ [field]: base256(id, 8) }))).toMatchObject({ code: 'E_RANGE' });
    }
  });

  it.each([
    ['devMajor', 4095, 4096],
    ['devMinor', 1_048_575, 1_048_576],
  ] as const)('reads a %s up to %i', (field, highest, beyond) => {
    const device = (value: number) => raw({ [field]: `${octal(value, 7)}\0` }, { type: 'char' });
    const entry = single(device(highest));
    expect(entry[field === 'devMajor' ? 'major' : 'minor']).toBe(highest);
    expect(failure(device(beyond))).toMatchObject({ code: 'E_RANGE', place: 'a, offset 0' });
  });

  it('reads blank and v7 device numbers as 0', () => {
    const blank = { devMajor: ' '.repeat(8), devMinor: ' '.repeat(8) };
    expect(single(raw(blank, { type: 'block' }))).toMatchObject({ major: 0, minor: 0 });
    const junk = { devMajor: 'zzz', devMinor: 'zzz' };
    const entry = single(raw(junk, { type: 'char', dialect: 'v7' }));
    expect(entry).toMatchObject({ type: 'char', major: 0, minor: 0 });
  });

  it('does not look at device numbers of other types', () => {
    expect(single(raw({ devMajor: 'zzz' })).major).toBe(0);
  });
});
