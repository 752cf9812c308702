import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tar } from '../support/tar-builder.ts';
import { type Archive, archiveOf, collect, inPieces, text } from './collect.ts';
import { ARCHIVE, WHOLE } from './sample-archive.ts';

describe('an archive cut anywhere', () => {
  it('is read whole', () => {
    expect(WHOLE.entries.map(({ name, size }) => [name.slice(0, 8), size])).toEqual([
      ['g', 600],
      ['d/', 0],
      ['nnnnnnnn', 512],
      ['old', 600],
      ['text-map', 200],
      ['link', 0],
      ['empty', 0],
    ]);
    expect(WHOLE.warnings).toEqual([]);
  });

  it('gives the same entries for every place of one cut', () => {
    const expected = lineOf(WHOLE);
    for (let cut = 0; cut <= ARCHIVE.length; cut++) {
      const found = archiveOf(inPieces(ARCHIVE, [cut]));
      // Comparing a line of text is many times faster than comparing all by value.
      if (lineOf(found) !== expected) expect(found, `cut ${cut}`).toEqual(WHOLE);
    }
  });

  it.each([1, 2, 3, 7, 100, 511, 512, 513, 1024, 4096, 10_000])(
    'gives the same entries in pieces of %i bytes',
    (size) => {
      expect(collect(ARCHIVE, size)).toEqual(WHOLE);
    },
  );

  it('gives the same entries for any set of cuts, empty pieces among them', () => {
    const cuts = fc.array(fc.nat(ARCHIVE.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        expect(archiveOf(inPieces(ARCHIVE, [...places, ...places]))).toEqual(WHOLE);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same entries for any archive of 16 KiB or so, however it is cut', () => {
    const item = fc.record({
      path: fc.string({ minLength: 1, maxLength: 150 }).filter((path) => !/[\0/]/.test(path)),
      body: fc.uint8Array({ maxLength: 2000 }),
      mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      mtimeNsec: fc.integer({ min: 0, max: 999_999_999 }),
      uid: fc.integer({ min: 0, max: 0xffff_ffff }),
      xattrs: fc.dictionary(fc.constantFrom('user.a', 'user.b'), fc.uint8Array()),
    });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 8 }),
        fc.integer({ min: 1, max: 2000 }),
        (items, size) => {
          const found = collect(tar(items), size);
          expect(
            found.entries.map(({ path, content, mtime, mtimeNsec, uid }) => [
              Buffer.from(path).toString(),
              content,
              mtime,
              mtimeNsec,
              uid,
            ]),
          ).toEqual(
            items.map(({ path, body, mtime, mtimeNsec, uid }) => [
              path,
              Buffer.from(body).toString('latin1'),
              mtime,
              mtimeNsec,
              uid,
            ]),
          );
          expect(found).toEqual(collect(tar(items)));
        },
      ),
      { numRuns: 100 },
    );
  });
});

function lineOf({ entries, warnings }: Archive): string {
  const lines = entries.map(({ path, linkPath, xattrs, ...rest }) => [
    Object.values(rest),
    text(path),
    text(linkPath),
    ...xattrs.map(({ name, value }) => `${text(name)}=${text(value)}`),
  ]);
  return [...lines.map(String), ...warnings].join('\n');
}
