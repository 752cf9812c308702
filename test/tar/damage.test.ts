import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { concat, extensionHeader, setChecksum, tar } from '../support/tar-builder.ts';
import { collect, inPieces } from './collect.ts';
import { ARCHIVE, WHOLE } from './sample-archive.ts';

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
  const SMALL_LIMITS = { maxPaxBytes: 65_536, maxLongNameBytes: 65_536, maxSparseExtents: 1000 };
  const CODES = /^E_(TAR|PAX|SPARSE|TRUNCATED|PATH|XATTR|RANGE|LIMIT)$/;

  function checkOutcome(bytes: Uint8Array): void {
    let total = 0;
    try {
      for (const event of inPieces(bytes, [Math.min(700, bytes.length)], SMALL_LIMITS)) {
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
