import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { concat, extensionHeader, setChecksum, tar } from '../support/tar-builder.ts';
import { inPieces } from './collect.ts';
import { endOfPart, wholeEvents } from './same-events.ts';
import { ARCHIVE, WHOLE } from './sample-archive.ts';

const NO_MARKER = 'the archive has no end-of-archive marker';
const NO_PADDING = 'the archive has no padding and no end-of-archive marker';

describe('an archive cut off', () => {
  it('at any byte ends cleanly between entries and in their padding, and is truncated elsewhere', () => {
    const boundaries = new Set<number>();
    const unpadded = new Map<number, number>();
    const expected = wholeEvents(ARCHIVE);
    const endOf = (length: number) => endOfPart([ARCHIVE.subarray(0, length)], expected);
    for (let length = 0; length < ARCHIVE.length - 512; length++) {
      const outcome = endOf(length);
      const boundary = Math.ceil(length / 512) * 512;
      if (outcome === NO_MARKER) boundaries.add(length);
      else if (outcome === NO_PADDING) unpadded.set(boundary, (unpadded.get(boundary) ?? 0) + 1);
      else if (outcome !== 'E_TRUNCATED') expect.unreachable(`length ${length}: ${outcome}`);
    }
    // Behind the label; behind the global header; behind each entry with its padding.
    expect(boundaries.size).toBe(1 + 1 + WHOLE.entries.length);
    for (const length of boundaries) expect(length % 512).toBe(0);
    // Behind the global header, and behind the stored bytes of each entry that has any.
    const stored = [21, 300, 5, 2, 3, 5, 7];
    expect([...unpadded.values()]).toEqual(stored.map((length) => 512 - length));
    for (const boundary of unpadded.keys()) expect(boundaries).toContain(boundary);
    for (let length = ARCHIVE.length - 512; length < ARCHIVE.length; length++) {
      expect(endOf(length)).toBe('the archive ends after one zero block instead of two');
    }
    expect(endOf(ARCHIVE.length)).toBe('quiet');
  });
});

describe('a damaged archive', () => {
  const SMALL_LIMITS = { pax: 65_536, longName: 65_536, sparseExtents: 1000 };
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

  /** Makes the checksums of headers from `start` to `end` right again, so that damage gets past them. */
  function repair(bytes: Uint8Array, start = 0, end = bytes.length): void {
    for (let at = start; at + 512 <= end; at += 512) {
      if (bytes[at + 257] === 0x75) setChecksum(bytes.subarray(at, at + 512));
    }
  }

  it('ends in a result or a typed error, whatever single byte is changed', () => {
    for (let at = 0; at < ARCHIVE.length; at++) {
      const bytes = new Uint8Array(ARCHIVE);
      bytes[at]! ^= 1 << (at % 8);
      const block = at - (at % 512);
      repair(bytes, block, block + 512);
      checkOutcome(bytes);
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
        (changes, repairs) => {
          const bytes = new Uint8Array(ARCHIVE);
          for (const [at, value] of changes) bytes.set(value.subarray(0, bytes.length - at), at);
          if (repairs) repair(bytes);
          checkOutcome(bytes);
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
