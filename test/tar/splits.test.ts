import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tar } from '../support/tar-builder.ts';
import { archiveOf, collect, inPieces } from './collect.ts';
import { expectEvents, wholeEvents } from './same-events.ts';
import { ARCHIVE, WHOLE } from './sample-archive.ts';

describe('an archive cut anywhere', () => {
  it('is read whole', () => {
    const lines = WHOLE.entries.map(
      ({ type, name, link, size }) => `${type} ${name.slice(0, 15)} ${link.slice(0, 2)} ${size}`,
    );
    expect(lines).toEqual([
      'file g  300',
      'directory d/  0',
      'file nnnnnnnnnnnnnnn  512',
      'file old  600',
      'file records  99',
      'file one-record  20',
      'file text-map  200',
      'symlink link tt 0',
      'hardlink hard kk 0',
      'file v7  0',
      'directory pre/fix/old-dir  0',
      'directory dump  0',
      'file f\xff\xe9  0',
      'char null  0',
      'block disk  0',
      'fifo pipe  0',
    ]);
    expect(WHOLE.warnings.map((warning) => warning.split(' ', 2).join(' '))).toEqual([
      'global PAX',
      'access control',
    ]);
    expect(ARCHIVE.length).toBeGreaterThan(16 * 1024);
  });

  it('gives the same entries for every place of one cut', () => {
    const expected = wholeEvents(ARCHIVE);
    for (let cut = 0; cut <= ARCHIVE.length; cut++) {
      const pieces = [ARCHIVE.subarray(0, cut), ARCHIVE.subarray(cut)];
      expectEvents(pieces, expected, `cut ${cut}`);
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
