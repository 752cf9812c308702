/** Zstandard streams (RFC 8878): any number of frames, by Node's own decoder where it has one, else by ours. */

import type { Kernels } from './kernels.ts';
import { invalidPacked } from './packed-error.ts';
import type { PackedSource } from './packed-source.ts';
import { createNativeZstd, type NativeZstd } from './zstd-native.ts';
import { ZstdPieces } from './zstd-pieces.ts';
import { ScriptZstd } from './zstd-script.ts';

/** Which decoder to use: `auto` prefers Node's own. */
export type ZstdDecoder = 'auto' | 'script';

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/**
 * Unpacks all frames and checks their checksums; each chunk is valid until the next is asked for. `kernels` serve our
 * own decoder. Throws `E_COMPRESSION`, `E_TRUNCATED`, or `E_LIMIT` for a window above 128 MiB.
 */
export async function* unzstd(
  source: PackedSource,
  kernels: Kernels,
  decoder: ZstdDecoder = 'auto',
): Chunks {
  const native = decoder === 'auto' ? createNativeZstd() : undefined;
  yield* native ? unpackNatively(source, native) : unpackByScript(source, kernels);
}

async function* unpackByScript(source: PackedSource, kernels: Kernels): Chunks {
  const script = new ScriptZstd(kernels);
  for (let chunk = await source.next(); chunk; chunk = await source.next()) {
    yield* script.push(chunk);
  }
  script.finish();
}

async function* unpackNatively(source: PackedSource, native: NativeZstd): Chunks {
  const pieces = new ZstdPieces();
  let offset = 0;
  try {
    for (let chunk = await source.next(); chunk; chunk = await source.next()) {
      for (const piece of pieces.split(chunk)) yield* unpackPiece(piece, native, offset);
      offset += chunk.length;
    }
    pieces.finish();
  } finally {
    native.close();
  }
}

/** Errors of Node's decoder, whatever their kind, mean invalid data: sizes were checked before. */
async function* unpackPiece(piece: Uint8Array, native: NativeZstd, offset: number): Chunks {
  try {
    yield* native.push(piece);
  } catch (error) {
    throw invalidPacked('invalid Zstandard data', offset, error);
  }
}
