import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BOTH_KERNELS, cutAt, randomBytes, seededRandom } from './support.ts';

const [wasm, reference] = BOTH_KERNELS as [(typeof BOTH_KERNELS)[0], (typeof BOTH_KERNELS)[0]];
const ascii = (text: string) => new TextEncoder().encode(text);
const SCRATCH_SIZE = 512 * 1024;
/** Around the steps of slicing, of folding, and of the copies into the WASM memory. */
const BOUNDARIES = [
  0,
  1,
  15,
  16,
  17,
  31,
  4095,
  4096,
  4799,
  4800,
  4801,
  12_287,
  12_288,
  12_289,
  12_351,
  12_352,
  16_384,
  16_447,
  65_536,
  SCRATCH_SIZE - 1,
  SCRATCH_SIZE,
  SCRATCH_SIZE + 1,
];

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  test('CRC-32 gives the check value of the catalogue', () => {
    expect(kernels.crc32(ascii('123456789'))).toBe(0xcbf43926);
    expect(kernels.crc32(new Uint8Array(0))).toBe(0);
  });

  test('CRC-32C gives the check value of the catalogue and those of RFC 3720', () => {
    const crc32c = (bytes: Uint8Array) => ~kernels.crc32c(bytes, 0xffffffff) >>> 0;
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
  });

  test('CRC-32 equals that of node:zlib at every boundary', () => {
    const random = seededRandom(1);
    for (const size of BOUNDARIES) {
      const bytes = randomBytes(size, random);
      expect(kernels.crc32(bytes), `size ${size}`).toBe(zlib.crc32(bytes));
      // Of no bytes node:zlib gives 0 whatever the seed.
      if (size > 0)
        expect(kernels.crc32(bytes, 0xdeadbeef), `size ${size}`).toBe(
          zlib.crc32(bytes, 0xdeadbeef),
        );
    }
  });

  test('sums go on over any cut', () => {
    const random = seededRandom(2);
    const bytes = randomBytes(40_000, random);
    const whole32 = kernels.crc32(bytes);
    const whole32c = kernels.crc32c(bytes, 7);
    for (let round = 0; round < 300; round++) {
      const cut = Math.floor(random() * bytes.length);
      const [head, tail] = cutAt(bytes, cut) as [Uint8Array, Uint8Array];
      expect(kernels.crc32(tail, kernels.crc32(head)), `cut ${cut}`).toBe(whole32);
      expect(kernels.crc32c(tail, kernels.crc32c(head, 7)), `cut ${cut}`).toBe(whole32c);
    }
  });

  test('views at odd offsets count from their own start', () => {
    const bytes = randomBytes(20_003, seededRandom(3));
    expect(kernels.crc32(bytes.subarray(3))).toBe(kernels.crc32(bytes.slice(3)));
  });
});

test('both kernels agree on random sizes, seeds and content', () => {
  const random = seededRandom(4);
  for (let round = 0; round < 300; round++) {
    const bytes = randomBytes(Math.floor(random() ** 3 * 100_000), random);
    const seed = Math.floor(random() * 2 ** 32);
    expect(wasm.crc32(bytes, seed)).toBe(reference.crc32(bytes, seed));
    expect(wasm.crc32c(bytes, seed)).toBe(reference.crc32c(bytes, seed));
  }
});

test('each bit of a long input counts', () => {
  const bytes = new Uint8Array(17_000);
  const sums = new Set<number>([wasm.crc32(bytes)]);
  for (let at = 0; at < bytes.length; at += 13) {
    bytes[at] = 1 << (at & 7);
    sums.add(wasm.crc32(bytes));
    bytes[at] = 0;
  }
  expect(sums.size).toBe(1 + Math.ceil(bytes.length / 13));
});
