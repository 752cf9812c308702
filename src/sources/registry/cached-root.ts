/** The document of a reference from the cache, where that is known to be what the registry would send. */

import { ErofsWasmError } from '../../errors.ts';
import { parseDigest } from '../../oci/digest.ts';
import { parseImageDocument } from '../../oci/manifest.ts';
import { formatReference, type ImageReference } from '../../oci/reference.ts';
import type { BlobCache } from '../cache/blob-cache.ts';
import { knownTag, rememberTag } from '../cache/known-tags.ts';
import { collectDocument, digestOf, placeOf } from '../content-store.ts';
import type { SourceContext } from '../options.ts';
import type { RootDocument } from '../resolve-image.ts';
import type { RegistryClient } from './client.ts';

/** The document with this digest, or undefined where the cache does not have it whole. */
export async function cachedRoot(
  cache: BlobCache,
  digest: string,
  name: string,
  { signal, notice, limits }: SourceContext,
): Promise<RootDocument | undefined> {
  const { algorithm } = parseDigest(digest, name);
  const file = await cache.find(digest);
  if (file === undefined) return undefined;
  const place = placeOf('manifest', digest, name);
  const limit = { name: 'manifest', limits } as const;
  const stream = file.read(0, file.size, signal);
  const bytes = await collectDocument(stream, limit, place).finally(() => file.close());
  if (digestOf(bytes, algorithm) !== digest) {
    await cache.remove(digest);
    return undefined;
  }
  const document = parseImageDocument(bytes, place, {}, limits);
  for (const message of document.warnings)
    notice({ code: 'odd-manifest', message: `${message} (${place})` });
  return { document, digest };
}

/**
 * The document of a tag, where the registry says that the tag still has the digest it had when the cache was filled.
 * Registries do not count that question as a pull. Undefined where there is nothing to ask for, or no clear answer.
 */
export async function unchangedRoot(
  cache: BlobCache,
  reference: ImageReference,
  client: RegistryClient,
  context: SourceContext,
): Promise<RootDocument | undefined> {
  const name = formatReference(reference);
  const known = await knownTag(cache, name);
  if (known === undefined || reference.tag === undefined) return undefined;
  const root = await cachedRoot(cache, known, name, context);
  if (root === undefined) return undefined;
  const stated = await statedDigest(client, reference.tag, context.signal);
  return stated === known ? root : undefined;
}

/** A registry that refuses the question may still answer the request for the document, or refuse it with a reason. */
async function statedDigest(
  client: RegistryClient,
  tag: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await client.statedDigest(tag, signal);
  } catch (error) {
    const isRefusal = error instanceof ErofsWasmError && REFUSALS.has(error.code);
    if (isRefusal) return undefined;
    throw error;
  }
}

/** What a registry says of one kind of request only. */
const REFUSALS: ReadonlySet<string> = new Set(['E_HTTP', 'E_AUTH']);

/** Keeps a verified document, and which tag has it. */
export async function keepRoot(
  cache: BlobCache,
  reference: ImageReference,
  digest: string,
  bytes: Uint8Array,
): Promise<void> {
  await cache.put(digest, bytes);
  if (reference.digest === undefined) await rememberTag(cache, formatReference(reference), digest);
}
