/** Zstandard streams (RFC 8878): any number of frames, by Node's own decoder where it has one, else by fzstd. */

import { invalidPacked } from './packed-error.ts';
import type { PackedSource } from './packed-source.ts';
import { ZstdFrames, type ZstdPiece } from './zstd-frames.ts';
import { createNativeZstd } from './zstd-native.ts';
import { ScriptZstd } from './zstd-script.ts';

/** Which decoder to use: `auto` prefers Node's own. */
export type ZstdDecoder = 'auto' | 'script';

type Unpack = (piece: ZstdPiece) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Unpacks all frames; each chunk is valid until the next is asked for. Frame checksums are left to the digest of the
 * stream. Throws `E_COMPRESSION`, `E_TRUNCATED`, or `E_LIMIT` for a window above 128 MiB.
 */
export async function* unzstd(
  source: PackedSource,
  decoder: ZstdDecoder = 'auto',
): AsyncGenerator<Uint8Array, void, undefined> {
  const native = decoder === 'auto' ? createNativeZstd() : undefined;
  const script = new ScriptZstd();
  const unpack: Unpack = native
    ? ({ bytes }) => native.push(bytes)
    : ({ bytes, endsFrame }) => script.push(bytes, endsFrame);
  try {
    yield* unpackFrames(source, new ZstdFrames(native === undefined), unpack);
  } finally {
    native?.close();
  }
}

async function* unpackFrames(
  source: PackedSource,
  frames: ZstdFrames,
  unpack: Unpack,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  for (let chunk = await source.next(); chunk; chunk = await source.next()) {
    for (const piece of frames.split(chunk)) yield* placed(piece, unpack, offset);
    offset += chunk.length;
  }
  frames.finish();
}

/** Errors of the decoders, whatever their kind, mean invalid data: sizes were checked before. */
async function* placed(
  piece: ZstdPiece,
  unpack: Unpack,
  offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* unpack(piece);
  } catch (error) {
    throw invalidPacked('invalid Zstandard data', offset, error);
  }
}
