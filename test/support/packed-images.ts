/** Images kept in the sources of the tests: their bytes one after another, packed with Brotli, as base64. */

import { brotliDecompressSync } from 'node:zlib';

export interface PackedImage {
  readonly name: string;
  /** The options of mkfs.erofs, besides a fixed UUID. */
  readonly options: string;
  readonly size: number;
}

/** The bytes of each image by its name; `images` are in the order of their bytes. */
export function unpackImages(
  images: readonly PackedImage[],
  packed: readonly string[],
): ReadonlyMap<string, Uint8Array> {
  const bytes = brotliDecompressSync(Buffer.from(packed.join(''), 'base64'));
  let at = 0;
  return new Map(
    images.map(({ name, size }) => {
      const image = Uint8Array.from(bytes.subarray(at, at + size));
      at += size;
      return [name, image];
    }),
  );
}
