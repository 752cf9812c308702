/** Reads a blob through broken lines: over several connections or one, from the registry or where a manifest points. */

import { ErofsWasmError } from '../../../errors.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { parseDigest } from '../../../oci/digest.ts';
import type { RegistryClient } from '../client.ts';
import { BlobCare } from './blob-care.ts';
import type { BlobOrigin } from './blob-origin.ts';
import { Download, type Stretch } from './download.ts';
import { foreignOrigin, foreignUrls } from './foreign-layer.ts';
import { readRanged, suitsRanges } from './ranged-blob.ts';

/** How to read a blob. */
export interface BlobReading {
  /** First byte to read; 0 by default. */
  readonly from?: number | undefined;
  /** What is known of its earlier readings. */
  readonly care?: BlobCare;
  /** True where no other registry has it: a missing blob is looked for once more, and at the `urls` of its layer. */
  readonly isLastPlace?: boolean;
}

/**
 * The stored bytes from `from` on, as many as declared unless they are coded; size and digest are for the reader to
 * check. Throws `ErofsWasmError`s that name the digest, the host and the offset.
 */
export async function* readBlob(
  client: RegistryClient,
  descriptor: Descriptor,
  signal: AbortSignal,
  { from = 0, care = new BlobCare(), isLastPlace = false }: BlobReading = {},
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  parseDigest(digest, 'layer');
  const urls = isLastPlace ? foreignUrls(descriptor) : [];
  const origins = [
    () => client.blobOrigin(digest, isLastPlace && urls.length === 0),
    ...urls.map((url) => () => foreignOrigin(client, url)),
  ];
  let offset = from;
  let missing: unknown;
  for (const origin of origins) {
    try {
      for await (const chunk of readFrom(origin(), { digest, size, from: offset }, care, signal)) {
        offset += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      // Elsewhere is only asked for what the registry does not have; there, any failure makes room for the next.
      const mayGoOn = missing !== undefined || isMissing(error);
      if (!mayGoOn || signal.aborted) throw error;
      missing = error;
    }
  }
  throw missing;
}

function isMissing(error: unknown): boolean {
  return error instanceof ErofsWasmError && error.code === 'E_NOT_FOUND';
}

async function* readFrom(
  origin: BlobOrigin,
  stretch: Stretch,
  care: BlobCare,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let { from } = stretch;
  if (suitsRanges(origin, stretch, care))
    for await (const chunk of readRanged(origin, stretch, care, signal)) {
      from += chunk.length;
      yield chunk;
    }
  if (from < stretch.size) yield* new Download(origin, { ...stretch, from }, care).read(signal);
}
