import { describe, expect, it } from 'vitest';
import {
  base256,
  concat,
  extensionHeader,
  padded,
  tar,
  tarHeader,
} from '../support/tar-builder.ts';
import { failure, oneFile, single } from './collect.ts';

describe('limits', () => {
  const long = 'x'.repeat(4096);

  it('takes a path and a link target of 4095 bytes and no more', () => {
    const ok = single(oneFile({ path: long.slice(1), linkPath: long.slice(1) }));
    expect([ok.path.length, ok.linkPath.length]).toEqual([4095, 4095]);
    const path = failure(oneFile({ path: long }));
    expect(path).toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining('path-length=4095'),
    });
    expect(path.message.length).toBeLessThan(600);
    const link = failure(oneFile({ linkPath: long }));
    expect(link).toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining('link-length'),
    });
  });

  it.each([
    ['entries', { entries: 1 }, tar([{ path: 'a' }, { path: 'b' }])],
    ['file-size', { fileSize: 4 }, tar([{ path: 'a', body: 'hello' }])],
    ['pax', { pax: 10 }, tar([{ path: 'a', pax: { comment: 'hello' } }])],
    ['long-name', { longName: 3 }, extensionHeader('L', 'abcd', 'gnu')],
    ['xattrs', { xattrs: 1 }, tar([{ path: 'a', xattrs: { 'user.a': '', 'user.b': '' } }])],
  ])('fails beyond %s and names it', (name, limits, archive) => {
    const error = failure(archive, limits);
    expect(error.code).toBe('E_LIMIT');
    expect(error.summary).toContain(`${name}=`);
  });

  it('refuses a huge extension header by its size alone, before its body comes', () => {
    const header = tarHeader({
      path: 'PaxHeaders/x',
      header: { typeflag: 'x', size: base256(2n ** 50n, 12) },
    });
    expect(failure(header)).toMatchObject({ code: 'E_LIMIT', place: 'PaxHeaders/x, offset 0' });
  });

  it('reads a body of many gigabytes without holding it', () => {
    const header = tarHeader({ path: 'a', header: { size: base256(2n ** 33n, 12) } });
    const error = failure(concat([header, padded('x')]));
    expect(error).toMatchObject({ code: 'E_TRUNCATED', place: 'a, offset 0' });
  });
});
