/** Contents compared piece by piece, however they are cut and wherever they have holes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Piece } from '../../src/erofs/reader.ts';
import { firstDifference } from '../../src/image/compare-content.ts';

const data = (text: string): Piece => ({ kind: 'data', bytes: Buffer.from(text) });
const hole = (length: number): Piece => ({ kind: 'hole', length });

/** The bytes of pieces, for short ones. */
function whole(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => (piece.kind === 'data' ? piece.bytes : Buffer.alloc(piece.length))),
  );
}

function expected(a: Buffer, b: Buffer): number | undefined {
  if (a.equals(b)) return undefined;
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) if (a[at] !== b[at]) return at;
  return shared;
}

describe('the first difference', () => {
  it.each<[string, Piece[], Piece[], number | undefined]>([
    ['nothing', [], [], undefined],
    ['empty pieces', [data(''), hole(0)], [], undefined],
    ['other cuts', [data('ab'), data('cd')], [data('a'), data('bcd')], undefined],
    ['a change', [data('abcd')], [data('ab'), data('cx')], 3],
    ['a shorter one', [data('abcd')], [data('abc')], 3],
    ['a hole and zeros', [hole(3)], [data('\0\0'), hole(1)], undefined],
    ['a hole and data', [hole(100_000), data('x')], [hole(99_999), data('yx')], 99_999],
    ['huge holes', [hole(2 ** 50), data('x')], [hole(2 ** 50), data('y')], 2 ** 50],
  ])('in %s', (_, a, b, at) => {
    expect(firstDifference(a, b)).toBe(at);
    expect(firstDifference(b, a)).toBe(at);
  });

  it('is the one of the whole bytes', () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[\0a]{0,3}$/).map(data),
      fc.integer({ min: 0, max: 3 }).map(hole),
    );
    const content = fc.array(piece, { maxLength: 6 });
    fc.assert(
      fc.property(content, content, (a, b) => {
        expect(firstDifference(a, b)).toBe(expected(whole(a), whole(b)));
      }),
      { numRuns: 2000 },
    );
  });
});
