import { describe, expect, test } from 'vitest';
import type { Kernels } from '../../src/kernels/kernels.ts';
import { describeWith } from '../support/tools.ts';
import { BOTH_KERNELS, cutAt, cutEvery, randomBytes, seededRandom } from './support.ts';
import { zstd } from './zstd-support.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const SCRATCH_SIZE = 512 * 1024;
/** Around words, stripes and the copies into the WASM memory. */
const LENGTHS = [
  ...Array.from({ length: 140 }, (_, size) => size),
  1000,
  4095,
  4096,
  65_537,
  131_072,
  SCRATCH_SIZE - 1,
  SCRATCH_SIZE,
  SCRATCH_SIZE + 33,
  2 * SCRATCH_SIZE + 31,
];

function xxh64(kernels: Kernels, parts: Iterable<Uint8Array>): bigint {
  const hash = kernels.createXxh64();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  test.each([
    ['', 0xef46db3751d8e999n],
    ['a', 0xd24ec4f1a98c6e5bn],
    ['abc', 0x44bc2cf5ad770999n],
  ])('XXH64 of "%s" is the published one', (text, expected) => {
    expect(xxh64(kernels, [ascii(text)])).toBe(expected);
    expect(xxh64(kernels, [])).toBe(0xef46db3751d8e999n);
  });

  test('the hash is the same over any two cuts', () => {
    const bytes = randomBytes(101, seededRandom(60));
    const whole = xxh64(kernels, [bytes]);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const parts = cutAt(bytes, first, second);
        if (xxh64(kernels, parts) !== whole) throw new Error(`cuts at ${first} and ${second}`);
      }
    }
  });

  test('hashes under way at once do not meet, and go on behind a digest', () => {
    const contents = [0, 1, 2].map((i) => randomBytes(200 + i, seededRandom(61 + i)));
    const hashes = contents.map(() => kernels.createXxh64());
    for (let at = 0; at < 203; at += 7) {
      for (const [i, hash] of hashes.entries()) {
        hash.update(contents[i]!.subarray(at, at + 7));
        expect(hash.digest()).toBe(xxh64(kernels, [contents[i]!.subarray(0, at + 7)]));
      }
    }
  });

  test('a reset forgets all', () => {
    const hash = kernels.createXxh64();
    hash.update(randomBytes(77, seededRandom(64)));
    hash.reset();
    expect(hash.digest()).toBe(0xef46db3751d8e999n);
    hash.update(ascii('abc'));
    expect(hash.digest()).toBe(0x44bc2cf5ad770999n);
  });
});

test('both kernels agree on random sizes and cuts', () => {
  const [wasm, reference] = BOTH_KERNELS;
  const random = seededRandom(65);
  for (let round = 0; round < 200; round++) {
    const bytes = randomBytes(Math.floor(random() ** 3 * 20_000), random);
    const parts = cutEvery(bytes, 1 + Math.floor(random() * 300));
    expect(xxh64(wasm!, parts)).toBe(xxh64(reference!, [bytes]));
  }
});

describeWith({ tools: ['zstd'] }, 'frame checksums of zstd', () => {
  test.each(BOTH_KERNELS)(
    'are what $name kernels make of the content',
    (kernels) => {
      const bytes = randomBytes(Math.max(...LENGTHS), seededRandom(66));
      for (const size of LENGTHS) {
        const content = bytes.subarray(0, size);
        const packed = zstd(content, '-1', '--check');
        const low = Number(xxh64(kernels, [content]) & 0xffffffffn);
        expect(low, `size ${size}`).toBe(packed.readUInt32LE(packed.length - 4));
      }
    },
    60_000,
  );
});
