import { describe, expect, it } from 'vitest';
import { parseDecimal, parsePaxTime, readNumber } from '../../src/tar/numbers.ts';
import { base256, bytesOf } from '../support/tar-builder.ts';

describe('readNumber', () => {
  it('reads every base-256 number near the edges of its range exactly', () => {
    for (const edge of [0n, 127n, 128n, 255n, 256n, 2n ** 52n, 2n ** 53n - 2n]) {
      for (const value of [edge, -edge, edge + 1n, -edge - 1n]) {
        expect(readNumber(base256(value, 12), 0, 12), `${value}`).toBe(Number(value));
      }
    }
  });

  it('gives an infinity of the right sign beyond 2^53-1', () => {
    expect(readNumber(base256(2n ** 53n, 12), 0, 12)).toBe(Infinity);
    expect(readNumber(base256(-(2n ** 60n), 12), 0, 12)).toBe(-Infinity);
  });

  it('stays inside its field', () => {
    expect(readNumber(bytesOf('77712345678'), 3, 3)).toBe(0o123);
  });
});

describe('parseDecimal', () => {
  it.each([
    ['0', 0],
    ['007', 7],
    ['-5', -5],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', Infinity],
    ['-9007199254740993', -Infinity],
    ['9'.repeat(200), Infinity],
  ])('reads %s', (text, expected) => {
    expect(parseDecimal(text)).toBe(expected);
  });

  it.each(['', '-', '+1', ' 1', '1 ', '1.0', '1e3', '0x1', 'NaN', '1\n', '9'.repeat(1000)])(
    'gives NaN for %j',
    (text) => {
      expect(parseDecimal(text)).toBeNaN();
    },
  );
});

describe('parsePaxTime', () => {
  it.each([
    ['0', 0, 0],
    ['1.5', 1, 500_000_000],
    ['1.', 1, 0],
    ['1.000000001', 1, 1],
    ['1.0000000019', 1, 1],
    ['1.9999999999', 1, 999_999_999],
    ['-1', -1, 0],
    ['-1.5', -2, 500_000_000],
    ['-0.000000001', -1, 999_999_999],
    ['-0.25', -1, 750_000_000],
    ['-0', 0, 0],
    ['-3.0000000001', -3, 0],
    ['9007199254740991.9', Number.MAX_SAFE_INTEGER, 900_000_000],
    ['9007199254740992', Infinity, 0],
  ])('reads %s, floored to a second', (text, seconds, nanoseconds) => {
    expect(parsePaxTime(text)).toEqual({ seconds, nanoseconds });
  });

  it.each(['', '.5', 'NaN', '1e3', '1.5.5', '--1', '1,5', 'inf', '1.2x', ' 1'])(
    'gives NaN for %j',
    (text) => {
      expect(parsePaxTime(text).seconds).toBeNaN();
    },
  );
});
