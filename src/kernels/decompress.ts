/** Peels exactly one level of compression off a stream, whichever its first bytes show. */

import { ErofsWasmError } from '../errors.ts';
import { DETECTION_SIZE, detectCompression, type Unsupported } from './compression.ts';
import { Gunzip } from './gunzip.ts';
import type { Kernels } from './kernels.ts';
import { PackedSource } from './packed-source.ts';
import type { OutputRoom } from './shared-memory.ts';
import { unzstd } from './zstd.ts';

export { detectCompression } from './compression.ts';

/** A stream being unpacked. */
export interface Decompressed {
  readonly kind: 'gzip' | 'zstd' | 'tar';
  /** The content in pieces of up to 1 MiB, each valid until the next is asked for. */
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  /** Once `chunks` is at its end: whether bytes behind the last gzip member were ignored. */
  readonly hasTrailingGarbage: () => boolean;
}

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/** Bounds the memory of those who copy a chunk. */
const LARGEST_CHUNK = 1024 * 1024;

/**
 * Looks at the first bytes of `packed` and unpacks it. `packed` is read to its end even where the content is invalid,
 * since its digest tells whether the sender or the line is to blame; what fails while reading on is thrown instead.
 * Throws `E_COMPRESSION` for a format it does not unpack, without reading on. Chunks may lie in `room`, one behind the
 * other; whoever asks for the next one has made room for it.
 */
export async function decompress(
  packed: AsyncIterable<Uint8Array>,
  kernels: Kernels,
  room?: OutputRoom,
): Promise<Decompressed> {
  const source = new PackedSource(packed);
  const kind = detectCompression(await source.look(DETECTION_SIZE));
  if (kind === 'zstd') return plainly(kind, toTheEnd(source, unzstd(source, kernels)));
  if (kind === 'tar') return plainly(kind, toTheEnd(source, passThrough(source)));
  if (kind !== 'gzip') {
    await source.close();
    throw unsupported(kind);
  }
  const gunzip = new Gunzip(kernels, room);
  return {
    kind,
    chunks: toTheEnd(source, unpackGzip(source, gunzip)),
    hasTrailingGarbage: () => gunzip.hasTrailingGarbage,
  };
}

function plainly(kind: 'zstd' | 'tar', chunks: Chunks): Decompressed {
  return { kind, chunks, hasTrailingGarbage: () => false };
}

function unsupported({ name, isContainer }: Unsupported): ErofsWasmError {
  if (!isContainer) {
    return new ErofsWasmError('E_COMPRESSION', `the stream is compressed with ${name}`, {
      hint: 'pack it with gzip or zstd, or not at all',
    });
  }
  return new ErofsWasmError('E_COMPRESSION', `the stream is in ${name} format, not a tar`, {
    hint: 'make a tar of the files in it; it may be packed with gzip or zstd',
  });
}

async function* toTheEnd(source: PackedSource, chunks: Chunks): Chunks {
  try {
    yield* chunks;
    await source.drain();
  } catch (error) {
    await source.drain();
    throw error;
  } finally {
    await source.close();
  }
}

async function* unpackGzip(source: PackedSource, gunzip: Gunzip): Chunks {
  try {
    for (let chunk = await source.next(); chunk; chunk = await source.next()) {
      yield* gunzip.push(chunk);
    }
    gunzip.finish();
  } finally {
    gunzip.close();
  }
}

async function* passThrough(source: PackedSource): Chunks {
  for (let chunk = await source.next(); chunk; chunk = await source.next()) {
    for (let at = 0; at < chunk.length; at += LARGEST_CHUNK) {
      yield chunk.subarray(at, at + LARGEST_CHUNK);
    }
  }
}
