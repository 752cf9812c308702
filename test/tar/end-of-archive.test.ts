import { describe, expect, it } from 'vitest';
import { concat, tar, tarItem } from '../support/tar-builder.ts';
import { collect, failure } from './collect.ts';

const NO_PADDING = 'the archive has no padding and no end-of-archive marker';

describe('end of archive', () => {
  const files = tar([{ path: 'a', body: 'x' }], { end: false });
  const zeros = (blocks: number) => new Uint8Array(512 * blocks);

  it('ends quietly at two zero blocks', () => {
    expect(collect(concat([files, zeros(2)])).warnings).toEqual([]);
    expect(collect(zeros(2))).toEqual({ entries: [], warnings: [] });
  });

  it('passes over zeros behind the end, as many as there are', () => {
    expect(collect(concat([files, zeros(20), 'x'.repeat(0)])).warnings).toEqual([]);
  });

  it.each([
    ['rubbish', 'rubbish'.repeat(200), 0],
    ['a second archive', concat([files, zeros(2)]), 0],
    ['a second archive after more zeros', concat([zeros(7), files]), 3584],
    ['one byte', concat([zeros(3), 'x']), 1536],
  ])('ignores %s behind two zero blocks and says so once', (_, rest, first) => {
    const archive = concat([files, zeros(2), rest]);
    const warning = `bytes behind the end of the archive are ignored @${files.length + 1024 + first}`;
    for (const size of [archive.length, 1, 512, 700]) {
      const { entries, warnings } = collect(archive, size);
      expect([entries.length, warnings]).toEqual([1, [warning]]);
    }
  });

  it.each([
    ['a single zero block', concat([files, zeros(1)])],
    ['a single zero block and nothing else', zeros(1)],
    ['a single zero block and part of another', concat([files, zeros(1), 'abc'])],
    ['no zero block', files],
  ])('ends with a warning at %s', (_, archive) => {
    expect(collect(archive).warnings).toHaveLength(1);
  });

  it('ends with a warning at a single zero block that a header follows, as GNU tar does', () => {
    const { entries, warnings } = collect(concat([files, zeros(1), files, zeros(2)]));
    expect(entries).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  it('refuses an empty stream', () => {
    expect(failure(new Uint8Array(0))).toMatchObject({ code: 'E_TRUNCATED', place: 'offset 0' });
  });

  it.each([
    ['inside a header', files.length + 100, `offset ${files.length}`],
    ['inside content', 512, 'a, offset 0'],
    ['before the last byte of content', files.length + 512, `a, offset ${files.length}`],
  ])('refuses a stream that ends %s', (_, length, place) => {
    const error = failure(concat([files, files]).subarray(0, length));
    expect(error).toMatchObject({ code: 'E_TRUNCATED', place });
  });

  it('refuses a stream that ends inside a body nobody needs', () => {
    const dump = tarItem({ path: 'd', type: 'directory', body: 'xyz', header: { typeflag: 'D' } });
    expect(failure(dump.subarray(0, 514))).toMatchObject({ code: 'E_TRUNCATED' });
    expect(collect(dump.subarray(0, 515)).warnings).toEqual([`${NO_PADDING} @515`]);
  });

  it('ends with a warning inside padding, wherever and however the stream is cut', () => {
    for (const length of [513, 514, 1000, 1023]) {
      for (const size of [length, 1, 512, 513]) {
        const { entries, warnings } = collect(files.subarray(0, length), size);
        expect(entries).toMatchObject([{ name: 'a', content: 'x' }]);
        expect(warnings).toEqual([`${NO_PADDING} @${length}`]);
      }
    }
  });

  it('refuses a stream that ends inside an extension header, before or after its body', () => {
    const archive = tar([{ path: 'a', pax: { mtime: '1' } }], { end: false });
    for (const length of [600, 1000, 1024, 1100]) {
      const error = failure(archive.subarray(0, length));
      expect(error.code, `${length}`).toBe('E_TRUNCATED');
    }
  });
});
