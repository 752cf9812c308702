/** Blocks that nobody's encoder makes, and one of each kind for machines without the libraries. */

import { deflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { CompressionAlgorithm } from '../../src/erofs/decompressor.ts';
import { unpackByBoth } from './block-support.ts';
import { randomBytes, seededRandom, textBytes } from './support.ts';
import { ABC, frame, PLAIN } from './zstd-support.ts';

const random = seededRandom(62);

/** What all of {@link VECTORS} hold. */
const CONTENT = Buffer.concat([
  Buffer.from(
    'EROFS is a lightweight read-only file system, and EROFS images are read-only: '.repeat(4),
  ),
  Uint8Array.from({ length: 64 }, (_, i) => i),
]);

/** Made by liblz4 1.9.4, liblzma 5.4.1, zlib 1.2.13 and libzstd 1.5.4. */
const VECTORS: readonly [string, CompressionAlgorithm, string][] = [
  [
    'LZ4_compress_destSize',
    'lz4',
    '8ANFUk9GUyBpcyBhIGxpZ2h0d2UGAPMNIHJlYWQtb25seSBmaWxlIHN5c3RlbSwgYW5kIDIAlm1hZ2VzIGFyZSwAFDocAA9OANDwMQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=',
  ],
  [
    'LZ4_compress_HC_destSize',
    'lz4',
    '8ANFUk9GUyBpcyBhIGxpZ2h0d2UGAPMNIHJlYWQtb25seSBmaWxlIHN5c3RlbSwgYW5kIDIAlm1hZ2VzIGFyZSwALzogTgDX8DEAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/',
  ],
  [
    'lzma_microlzma_encoder, lc 3, lp 0, pb 2',
    'lzma',
    'oiKUhgCsvbih5CoocqqO/7RZEewcDanLO6KWpTopFcrrSSsgt6DRdNRtUsvy3BMVEzwOT9IC9Kf9OOiJr/bI66+TahFpQVf0abpsqclGLOi4JeTjEYnOQqRSFLEg58R1XGZ3ihTo5mK9UKx1EFodL/jOViLoyLa7Pd+OFFQJ8AXy',
  ],
  [
    'lzma_microlzma_encoder, lc 2, lp 0, pb 0',
    'lzma',
    '/SKVKvOeK+6VYd6iUDCVvT2pb1P8rEJWVlDGmcKpd1hFucdoN7vpFceKU1tg3SmSA5cDVm+xFaKVPjBeYmb8xNL/yi7bQJ9k84uw5FAiKc8ppRRc1fn/Xtcjd+qywERo+jIgmgnDljyL1UMc9bNW2sFbxwhF5vMtKafkxSo=',
  ],
  [
    'zlib',
    'deflate',
    'cw3ydwtWyCxWSFTIyUzPKClPBZEKRamJKbr5eTmVCmmZOakKxZXFJam5OgqJeSkKrhAduYnpqUBdRakItVYwuRFgGgMjEzMLKxs7BycXNw8vH7+AoJCwiKiYuISklLSMrJy8gqKSsoqqmrqGppa2jq6evoGhkbGJqZm5haWVtY2tnT0A',
  ],
  [
    'ZSTD_compress2',
    'zstd',
    'KLUv/WB4AFUEAIQHRVJPRlMgaXMgYSBsaWdodHdlIHJlYWQtb25seSBmaWxlIHN5c3RlbSwgYW5kIG1hZ2VzIGFyZToAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/BQDgKFD4Se5T+1BVOrFKGA==',
  ],
];

/** As the stream of lc 3 above, but with the end marker of a raw LZMA1 stream of liblzma. */
const WITH_MARKER =
  'oiKUhgCsvbih5CoocqqO/7RZEewcDanLO6KWpTopFcrrSSsgt6DRdNRtUsvy3BMVEzwOT9IC9Kf9OOiJr/bI66+TahFpQVf0abpsqclGLOi4JeTjEYnOQqRSFLEg58R1XGZ3ihTo5mK9UKx1EFodL/jOViLoyLa7Pd+OFFQPCVSB//7/NAA=';

function unpack(
  algorithm: CompressionAlgorithm,
  source: Uint8Array | readonly number[],
  size: number,
  partial = false,
  dictionaryBytes?: number,
): Uint8Array | string {
  const bound = dictionaryBytes === undefined ? {} : { dictionaryBytes };
  return unpackByBoth({ algorithm, source: Uint8Array.from(source), size, partial, ...bound });
}

it.each(VECTORS)('%s', (_, algorithm, text) => {
  const source = Buffer.from(text, 'base64');
  expect(unpack(algorithm, source, CONTENT.length)).toEqual(new Uint8Array(CONTENT));
  for (let size = 0; size <= CONTENT.length; size++) {
    const part = unpack(algorithm, source, size, true);
    expect(part).toEqual(new Uint8Array(CONTENT.subarray(0, size)));
    if (size < CONTENT.length) expect(unpack(algorithm, source, size)).toBeTypeOf('string');
  }
  for (let length = 0; length < source.length; length++) {
    const cut = unpack(algorithm, source.subarray(0, length), CONTENT.length);
    expect(cut, `${length} bytes`).toBeTypeOf('string');
  }
});

const A = 97;
const literals = (count: number) => new Array<number>(count).fill(A);
/** A literal, a match of `length` bytes, 19 to 273, then five literals. */
const run = (length: number) => [0x1f, A, 1, 0, length - 19, 0x50, ...literals(5)];

it.each<[string, number[], number, boolean]>([
  ['no bytes', [0], 0, false],
  ['a literal', [0x10, A], 1, false],
  ['fifteen literals', [0xf0, 0, ...literals(15)], 15, false],
  ['270 literals', [0xf0, 255, 0, ...literals(270)], 270, false],
  ['a match as short as it can be at the end', run(19).slice(0, -1).concat(A), 25, false],
  [
    'the shortest match and as few literals behind as may be',
    [0x10, A, 1, 0, 0x80, ...literals(8)],
    13,
    false,
  ],
  ['a part that ends in a match', run(100), 50, true],
  [
    'a part of a match that is longer than all there is',
    [0x1f, A, 1, 0, ...new Array(4).fill(255), 0],
    900,
    true,
  ],
  ['a part of literals that are cut off', [0xf0, 200, A, A, A], 3, true],
])('LZ4: %s', (_, source, size, partial) => {
  expect(unpack('lz4', source, size, partial)).toEqual(Uint8Array.from(literals(size)));
});

it.each<[string, number[], number, boolean, RegExp]>([
  ['nothing at all', [], 0, false, /ends before/],
  ['nothing for a part', [], 1, true, /ends before/],
  ['a length without end', [0xf0, ...new Array(200).fill(255)], 1000, false, /goes on|ends before/],
  [
    'a part with a length without end',
    [0xf0, ...new Array(200).fill(255)],
    1000,
    true,
    /ends before/,
  ],
  [
    'a match length without end',
    [0x1f, A, 1, 0, ...new Array(200).fill(255)],
    1000,
    true,
    /ends before/,
  ],
  [
    'a bomb',
    [0x1f, A, 1, 0, ...new Array(60_000).fill(255), 0, 0x50, ...literals(5)],
    5000,
    false,
    /goes on/,
  ],
  ['a distance of none', [0x10, A, 0, 0, 0x90, ...literals(9)], 14, false, /invalid/],
  ['a distance of none in a part', [0x10, A, 0, 0, 0x90, ...literals(9)], 5, true, /invalid/],
  ['a distance before the start', [0x10, A, 2, 0, 0x90, ...literals(9)], 14, false, /invalid/],
  ['the farthest distance', [0x10, A, 255, 255, 0x90, ...literals(9)], 14, true, /invalid/],
  ['half a distance', [0x10, A, 1], 9, true, /ends before/],
  ['a match in the last twelve bytes', [0x10, A, 1, 0, 0x70, ...literals(7)], 12, false, /invalid/],
  ['a match in the last five bytes', [0x1b, A, 1, 0, 0x40, ...literals(4)], 20, false, /invalid/],
  ['a match at the end', [0x1f, A, 1, 0, 0], 20, false, /invalid/],
  ['a byte behind', [0x10, A, 0], 1, false, /ends before|invalid/],
])('LZ4 refuses %s', (_, source, size, partial, reason) => {
  expect(unpack('lz4', source, size, partial)).toMatch(reason);
});

it('LZ4 has copies of each distance and length', () => {
  for (let distance = 1; distance <= 80; distance++) {
    const head = randomBytes(80, random);
    for (const length of [19, 20, 31, 32, 33, 47, 63, 64, 65, 100, 273]) {
      const source = [0xff, 80 - 15, ...head, distance, 0, length - 19, 0x50, ...literals(5)];
      const wanted = [...head];
      for (let i = 0; i < length; i++) wanted.push(wanted[wanted.length - distance]!);
      wanted.push(...literals(5));
      expect(unpack('lz4', source, wanted.length)).toEqual(Uint8Array.from(wanted));
    }
  }
});

const LZMA = Buffer.from(VECTORS[2]![2], 'base64');

it('LZMA refuses every other byte of properties, or reads something', () => {
  const words = Array.from({ length: 256 }, (_, properties) => {
    const source = Uint8Array.from(LZMA);
    source[0] = ~properties;
    const contextAndPosition = (properties % 9) + (Math.floor(properties / 9) % 5);
    const outcome = unpack('lzma', source, 100, true);
    if (properties >= 225 || contextAndPosition > 4) expect(outcome).toMatch(/is invalid/);
    return typeof outcome;
  });
  expect(words.filter((word) => word === 'object').length).toBeGreaterThan(1);
});

it('LZMA does not know end markers', () => {
  const source = Buffer.from(WITH_MARKER, 'base64');
  const size = CONTENT.length;
  expect(unpack('lzma', source, size)).toMatch(/goes on behind/);
  expect(unpack('lzma', source, size, true)).toEqual(new Uint8Array(CONTENT));
  expect(unpack('lzma', source, size + 1, true)).toMatch(/is invalid/);
});

it('LZMA goes back as far as it is said, and no further', () => {
  expect(unpack('lzma', LZMA, CONTENT.length, false, 78)).toEqual(new Uint8Array(CONTENT));
  for (const bound of [0, 1, 77]) {
    expect(unpack('lzma', LZMA, CONTENT.length, false, bound)).toMatch(/is invalid/);
  }
});

it.each<[string, number[]]>([
  ['nothing', []],
  ['too little to begin', [0xa2, 0, 0, 0]],
  ['a match at the start', [0xa2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]],
])('LZMA refuses %s', (_, source) => {
  for (const partial of [false, true]) {
    expect(unpack('lzma', source, 100, partial)).toMatch(/invalid|ends before/);
  }
});

it('a part of DEFLATE is read up to where the stream is broken', () => {
  const content = textBytes(40_000, random);
  const good = deflateRawSync(content);
  const broken = Buffer.concat([good.subarray(0, good.length >> 1), Buffer.alloc(2000, 255)]);
  const size = content.length >> 2;
  expect(unpack('deflate', broken, size, true)).toEqual(content.subarray(0, size));
  expect(unpack('deflate', broken, content.length, true)).toBeTypeOf('string');
});

it('DEFLATE may unpack to a thousand times its size, and is stopped where it has to be', () => {
  const bomb = deflateRawSync(new Uint8Array(50_000_000));
  expect(unpack('deflate', bomb, 1000)).toMatch(/goes on behind/);
  expect(unpack('deflate', bomb, 1000, true)).toEqual(new Uint8Array(1000));
});

it('Zstandard needs no content size, and is read up to the end of the frame', () => {
  const abc = Uint8Array.of(97, 98, 99);
  const plain = frame(PLAIN, [ABC]);
  expect(unpack('zstd', plain, 3)).toEqual(abc);
  expect(unpack('zstd', plain, 2, true)).toEqual(abc.subarray(0, 2));
  expect(unpack('zstd', plain, 2)).toMatch(/goes on behind/);
  expect(unpack('zstd', plain, 4)).toMatch(/ends before/);
  expect(unpack('zstd', Buffer.concat([plain, plain]), 3)).toEqual(abc);
  expect(unpack('zstd', Buffer.concat([plain, plain]), 6)).toMatch(/ends before/);
  expect(unpack('zstd', frame(PLAIN, [[0, 0, 0, []], ABC]), 3)).toEqual(abc);
  expect(unpack('zstd', frame(PLAIN, [[0, 1, 0, []]]), 0)).toEqual(new Uint8Array(0));
});

/** XXH64 of "abc" is 44bc2cf5ad770999. */
it('Zstandard checks a checksum that it comes to', () => {
  const checked = frame([4, 7 << 3], [ABC]);
  const good = Buffer.concat([checked, Uint8Array.of(0x99, 0x09, 0x77, 0xad)]);
  const bad = Buffer.concat([checked, Uint8Array.of(0x99, 0x09, 0x77, 0xac)]);
  expect(unpack('zstd', good, 3)).toEqual(Uint8Array.of(97, 98, 99));
  expect(unpack('zstd', bad, 3)).toMatch(/checksum/);
  expect(unpack('zstd', bad, 3, true)).toEqual(Uint8Array.of(97, 98, 99));
  expect(unpack('zstd', checked, 3)).toMatch(/ends before/);
});

it('Zstandard has a window as large as is said, and no larger', () => {
  const window = (log: number) => frame([0, (log - 10) << 3], [ABC]);
  expect(unpack('zstd', window(17), 3, false, 1 << 17)).toBeTypeOf('object');
  expect(unpack('zstd', window(18), 3, false, 1 << 17)).toMatch(/window/);
  expect(unpack('zstd', window(27), 3)).toBeTypeOf('object');
  expect(unpack('zstd', window(28), 3)).toMatch(/window/);
  expect(unpack('zstd', window(41), 3)).toMatch(/window/);
});

it.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['a skippable frame', Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0)],
  ['another magic number', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfc, 0, 0)],
  ['a frame with a dictionary', frame([1, 7 << 3, 5], [ABC])],
  ['another content size', frame([0x20, 4], [ABC])],
])('Zstandard refuses %s', (_, source) => {
  expect(unpack('zstd', source, 3)).toMatch(/^zstd data /);
});

it('blocks larger than the memory of WASM grows are unpacked all the same', () => {
  const size = 20_000_000;
  const source = [0x1f, A, 1, 0];
  for (let left = size - 20 - 5; left >= 0; left -= 255) source.push(Math.min(left, 255));
  if (source.at(-1) === 255) source.push(0);
  source.push(0x50, ...literals(5));
  const outcome = unpack('lz4', source, size);
  expect(outcome).toHaveLength(size);
  expect((outcome as Uint8Array).every((byte) => byte === A)).toBe(true);
});
