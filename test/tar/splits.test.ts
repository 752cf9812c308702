/** The archive of these tests has every kind of state the reader can be cut in. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import type { TarEvent } from '../../src/tar/entry.ts';
import { TarReader } from '../../src/tar/reader.ts';
import {
  concat,
  extensionHeader,
  octal,
  padded,
  setChecksum,
  setField,
  tar,
  tarHeader,
  tarItem,
} from '../support/tar-builder.ts';
import { archiveOf, collect, copied, failure } from './collect.ts';

const SMALL_LIMITS = { maxPaxBytes: 65_536, maxLongNameBytes: 65_536, maxSparseExtents: 1000 };

/** Old GNU sparse file with one extension block. */
function gnuSparse(): Uint8Array {
  const header = tarHeader({
    path: 'old',
    body: 'abcde',
    dialect: 'gnu',
    header: { typeflag: 'S' },
  });
  const row = (offset: number, length: number) => `${octal(offset, 11)}\0${octal(length, 11)}\0`;
  setField(header, 'gnuSparse', [0, 10, 20, 30].map((offset) => row(offset, 1)).join(''));
  setField(header, 'gnuRealSize', octal(600, 11));
  setField(header, 'gnuIsExtended', '\x01');
  setChecksum(header);
  return concat([header, padded(row(500, 1)), padded('abcde')]);
}

const PAX_SPARSE = tarItem({
  path: 'GNUSparseFile.0/x',
  body: concat([padded('2\n5\n2\n100\n3\n'), 'abcde']),
  pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '200', 'GNU.sparse.name': 'text-map' },
});

const ARCHIVE = concat([
  tarItem({ path: 'g', globalPax: { comment: 'x', uid: '5' }, body: 'y'.repeat(600) }),
  tarItem({ path: 'd/', mtime: -3, mtimeNsec: 7, xattrs: { 'user.x': 'a=b\nc' } }),
  extensionHeader('L', `${'n'.repeat(600)}\0`, 'gnu'),
  tarItem({ path: 'cut', body: 'x'.repeat(512), dialect: 'gnu' }),
  gnuSparse(),
  PAX_SPARSE,
  tarItem({ path: 'V', body: 'label', header: { typeflag: 'V' } }),
  tarItem({ path: 'link', linkPath: 't'.repeat(120) }),
  tar([{ path: 'empty' }]),
]);

const WHOLE = collect(ARCHIVE);

function inPieces(bytes: Uint8Array, cuts: readonly number[]): Generator<TarEvent> {
  return read(
    bytes,
    [...cuts].sort((a, b) => a - b),
  );
}

function* read(bytes: Uint8Array, cuts: readonly number[]): Generator<TarEvent> {
  const reader = new TarReader(SMALL_LIMITS);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    for (const event of reader.push(bytes.subarray(from, cut))) yield copied(event);
    from = cut;
  }
  yield* reader.end();
}

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
    for (let cut = 0; cut <= ARCHIVE.length; cut++) {
      const found = archiveOf(inPieces(ARCHIVE, [cut]));
      if (JSON.stringify(found) !== JSON.stringify(WHOLE))
        expect(found, `cut ${cut}`).toEqual(WHOLE);
    }
    expect(archiveOf(inPieces(ARCHIVE, [777]))).toEqual(WHOLE);
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

describe('an archive cut off', () => {
  it('at any byte ends cleanly between entries and is truncated elsewhere', () => {
    const boundaries = new Set<number>();
    for (let length = 0; length < ARCHIVE.length - 512; length++) {
      const outcome = endOf(ARCHIVE.subarray(0, length));
      if (outcome === 'warning') boundaries.add(length);
      else expect(outcome, `length ${length}`).toBe('E_TRUNCATED');
    }
    // Behind the global header; behind each entry with its padding; behind the label.
    expect(boundaries.size).toBe(1 + WHOLE.entries.length + 1);
    for (const length of boundaries) expect(length % 512).toBe(0);
    expect(endOf(ARCHIVE.subarray(0, -512))).toBe('warning');
  });

  function endOf(bytes: Uint8Array): string {
    try {
      return collect(bytes).warnings.length === 1 ? 'warning' : 'quiet';
    } catch (error) {
      return (error as ErofsWasmError).code;
    }
  }
});

describe('a damaged archive', () => {
  const CODES = /^E_(TAR|PAX|SPARSE|TRUNCATED|PATH|XATTR|RANGE|LIMIT)$/;

  function checkOutcome(bytes: Uint8Array): void {
    let total = 0;
    try {
      for (const event of inPieces(bytes, [Math.min(700, bytes.length)])) {
        if (event.kind === 'data') total += event.bytes.length;
      }
    } catch (error) {
      if (!(error instanceof ErofsWasmError)) throw error;
      expect(error.code).toMatch(CODES);
      expect(error.place).toMatch(/offset \d+$/);
    }
    expect(total).toBeLessThanOrEqual(bytes.length);
  }

  /** Makes every header's checksum right again, so that damage gets past it. */
  function repaired(bytes: Uint8Array): Uint8Array {
    for (let at = 0; at + 512 <= bytes.length; at += 512) {
      if (bytes[at + 257] === 0x75) setChecksum(bytes.subarray(at, at + 512));
    }
    return bytes;
  }

  it('ends in a result or a typed error, whatever single byte is changed', () => {
    for (let at = 0; at < ARCHIVE.length; at++) {
      const bytes = new Uint8Array(ARCHIVE);
      bytes[at]! ^= 1 << (at % 8);
      checkOutcome(repaired(bytes));
    }
  });

  it('ends in a result or a typed error after any changes', () => {
    const change = fc.tuple(
      fc.nat(ARCHIVE.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
    );
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (changes, repair) => {
          const bytes = new Uint8Array(ARCHIVE);
          for (const [at, value] of changes) bytes.set(value.subarray(0, bytes.length - at), at);
          checkOutcome(repair ? repaired(bytes) : bytes);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('ends in a result or a typed error for any PAX body', () => {
    const key = fc.constantFrom(
      'path',
      'size',
      'mtime',
      'GNU.sparse.map',
      'SCHILY.xattr.user.x',
      'x',
    );
    const record = fc.tuple(key, fc.uint8Array({ maxLength: 20 }));
    const item = { path: 'a', body: 'hello' };
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (pax) =>
        checkOutcome(tar([{ ...item, pax }])),
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) =>
        checkOutcome(concat([extensionHeader('x', body), tar([item])])),
      ),
      { numRuns: 500 },
    );
  });

  it('ends in a typed error for bytes that are no archive', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
        if (bytes.some((byte) => byte !== 0)) checkOutcome(bytes);
      }),
    );
  });
});

describe('the reader', () => {
  it('yields views of the piece it was given', () => {
    const archive = tar([{ path: 'a', body: 'hello' }]);
    const reader = new TarReader();
    const [, data] = [...reader.push(archive)];
    expect(data).toMatchObject({ kind: 'data' });
    expect(data?.kind === 'data' && data.bytes.buffer === archive.buffer).toBe(true);
  });

  it('keeps nothing of a piece: entries stay as they are when it is overwritten', () => {
    const archive = new Uint8Array(ARCHIVE);
    const reader = new TarReader();
    const found = [...reader.push(archive)].flatMap((e) => (e.kind === 'entry' ? [e.entry] : []));
    archive.fill(0xff);
    expect(found.map(({ path }) => Buffer.from(path).toString())).toEqual(
      WHOLE.entries.map(({ name }) => name),
    );
  });

  it('reads a Buffer as it reads a plain array', () => {
    expect(collect(Buffer.from(ARCHIVE))).toEqual(WHOLE);
  });

  it('is of no more use after an error', () => {
    const reader = new TarReader();
    expect(() => [...reader.push(new Uint8Array(512).fill(1))]).toThrow(/checksum/);
    expect(() => [...reader.push(new Uint8Array(512))]).toThrow(/after it failed/);
    expect(() => [...reader.end()]).toThrow(/after it failed/);
  });

  it('refuses the next piece where the one before was left', () => {
    const reader = new TarReader();
    for (const event of reader.push(ARCHIVE)) if (event.kind === 'entry') break;
    expect(() => [...reader.push(ARCHIVE)]).toThrow(/was left/);
  });

  it('names an entry with odd bytes in a printable form', () => {
    const path = Uint8Array.of(0x1b, 0x5b, 0xff);
    expect(failure(tar([{ path, header: { typeflag: 'M' } }])).place).toBe('\\x1b[\\xff, offset 0');
  });
});
