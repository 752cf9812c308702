/** What an image declares of its compression, and declarations that no kernel takes. */

import { describe, expect, it } from 'vitest';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { DEFLATE_CONFIG, LZ4_CONFIG, LZMA_CONFIG, ZSTD_CONFIG } from '../../src/erofs/records.ts';
import { bytesOf, craftImage } from '../support/crafted-image.ts';

/** Behind a superblock of 128 bytes and one slot more. */
const CONFIGS = 1024 + 144;
const file = { compact: { format: 0, size: 0 } };

type Config = readonly [length: number, write: (view: DataView) => void];

const lz4 = (maxDistance: number, maxPclusterBlocks = 0): Config => [
  LZ4_CONFIG.size,
  (view) => LZ4_CONFIG.write(view, 0, { maxDistance, maxPclusterBlocks }),
];
const lzma = (dictionarySize: number, format = 0): Config => [
  LZMA_CONFIG.size,
  (view) => LZMA_CONFIG.write(view, 0, { dictionarySize, format }),
];
const deflate = (windowBits: number): Config => [
  DEFLATE_CONFIG.size,
  (view) => DEFLATE_CONFIG.write(view, 0, { windowBits }),
];
const zstd = (windowLog: number, format = 0): Config => [
  ZSTD_CONFIG.size,
  (view) => ZSTD_CONFIG.write(view, 0, { windowLog, format }),
];

/** Each configuration behind its length, at a multiple of 4. */
function declare(compression: number, ...configs: readonly Config[]) {
  const image = craftImage({ file, superblock: { featureIncompat: 0x3, compression } });
  const view = new DataView(image.buffer);
  let at = CONFIGS;
  for (const [length, write] of configs) {
    view.setUint16(at, length, true);
    write(new DataView(image.buffer, at + 2));
    at = Math.ceil((at + 2 + length) / 4) * 4;
  }
  return new ErofsReader(bytesOf(image)).superblock.compression;
}

describe('the compression of an image', () => {
  it('is declared with a bound on what each algorithm may refer to', () => {
    expect(declare(0xf, lz4(65535), lzma(1 << 20), deflate(15), zstd(10))).toEqual([
      { algorithm: 'lz4', dictionaryBytes: 65535 },
      { algorithm: 'lzma', dictionaryBytes: 1 << 20 },
      { algorithm: 'deflate', dictionaryBytes: 32768 },
      { algorithm: 'zstd', dictionaryBytes: 1 << 20 },
    ]);
    expect(declare(0xa, lzma(4096), zstd(0))).toEqual([
      { algorithm: 'lzma', dictionaryBytes: 4096 },
      { algorithm: 'zstd', dictionaryBytes: 1024 },
    ]);
    expect(declare(0x1, lz4(0))).toEqual([{ algorithm: 'lz4', dictionaryBytes: undefined }]);
    expect(declare(0)).toEqual([]);
    // Blocks of 512 bytes, so that these are clusters of 1 MiB.
    expect(declare(0x1, lz4(9, 2048))).toEqual([{ algorithm: 'lz4', dictionaryBytes: 9 }]);
  });

  it('was only LZ4 before there were configurations', () => {
    const old = (featureIncompat: number, compression: number) =>
      new ErofsReader(bytesOf(craftImage({ file, superblock: { featureIncompat, compression } })))
        .superblock.compression;
    expect(old(0x1, 0)).toEqual([{ algorithm: 'lz4', dictionaryBytes: undefined }]);
    expect(old(0, 4096)).toEqual([{ algorithm: 'lz4', dictionaryBytes: 4096 }]);
    expect(old(0, 0)).toEqual([]);
  });

  it.each<[string, number, readonly Config[], RegExp]>([
    ['an unknown algorithm', 0x10, [], /compression that is not supported: 0x10/],
    ['a short LZ4', 0x1, [[13, () => undefined]], /lz4 is too short/],
    ['no LZ4 at all', 0x1, [[0, () => undefined]], /lz4 is too short/],
    ['clusters beyond 1 MiB', 0x1, [lz4(0, 2049)], /lz4 is not supported/],
    ['a short LZMA', 0x2, [[13, () => undefined]], /lzma is too short/],
    ['a dictionary that is too large', 0x2, [lzma((8 << 20) + 1)], /lzma is not supported/],
    ['a dictionary that is too small', 0x2, [lzma(4095)], /lzma is not supported/],
    ['another form of LZMA', 0x2, [lzma(4096, 1)], /lzma is not supported/],
    ['a short DEFLATE', 0x4, [[5, () => undefined]], /deflate is too short/],
    ['a window of 64 KiB', 0x4, [deflate(16)], /deflate is not supported/],
    ['a short Zstandard', 0x8, [[5, () => undefined]], /zstd is too short/],
    ['a window of 2 MiB', 0x8, [zstd(11)], /zstd is not supported/],
    ['another form of Zstandard', 0x8, [zstd(0, 1)], /zstd is not supported/],
    ['a length behind the image', 0x1, [[0xffff, () => undefined]], /lz4 is cut off/],
  ])('is refused with %s', (_, mask, configs, message) => {
    expect(() => declare(mask, ...configs)).toThrow(
      expect.objectContaining({ code: 'E_IMAGE', message: expect.stringMatching(message) }),
    );
  });
});
