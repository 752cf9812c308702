/** A whole Zstandard frame by Node's own decoder, there from 22.15 on. */

import * as zlib from 'node:zlib';

/** The part of `node:zlib` that the types of the oldest supported Node lack. */
interface ZstdModule {
  readonly zstdDecompressSync?: (
    frame: Uint8Array,
    options: { readonly chunkSize: number; readonly maxOutputLength: number },
  ) => Uint8Array;
}

/**
 * Fills `target`, which is not empty, from one frame with nothing behind it. False where the frame is invalid or
 * yields another size; why, Node does not say in a way that can be relied on.
 */
export type NativeZstdFrame = (frame: Uint8Array, target: Uint8Array) => boolean;

/** Node's own limit of a chunk. */
const SMALLEST_CHUNK = 64;

/** The decoder, or undefined where Node has none. */
export function nativeZstdFrame(): NativeZstdFrame | undefined {
  const { zstdDecompressSync } = zlib as ZstdModule;
  if (zstdDecompressSync === undefined) return undefined;
  return (frame, target) => {
    const size = target.length;
    const options = { chunkSize: Math.max(SMALLEST_CHUNK, size), maxOutputLength: size };
    let content: Uint8Array;
    try {
      content = zstdDecompressSync(frame, options);
    } catch {
      return false;
    }
    if (content.length !== size) return false;
    target.set(content);
    return true;
  };
}
