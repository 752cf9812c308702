/** The document that a reference names. */

import { ErofsWasmError } from '../../errors.ts';
import { isSupportedDigest, parseDigest } from '../../oci/digest.ts';
import { parseImageDocument } from '../../oci/manifest.ts';
import { plainText } from '../../oci/quote.ts';
import type { ImageReference } from '../../oci/reference.ts';
import { digestMismatch, digestOf, placeOf } from '../content-store.ts';
import type { SourceContext } from '../options.ts';
import type { RootDocument } from '../resolve-image.ts';
import type { FetchedManifest, RegistryClient } from './client.ts';

/** A digest is verified; a tag's content is known by its own digest. `name` is for messages, `keep` gets what was verified. */
export async function fetchRoot(
  client: RegistryClient,
  reference: ImageReference,
  name: string,
  { signal, notice, limits }: SourceContext,
  keep?: (digest: string, bytes: Uint8Array) => Promise<void>,
): Promise<RootDocument> {
  const wanted = reference.digest ?? reference.tag ?? 'latest';
  const place = placeOf('manifest', wanted, name);
  if (reference.digest !== undefined) parseDigest(reference.digest, place);
  const fetched = await client.fetchManifest(wanted, signal);
  const digest = verifiedDigest(fetched, reference.digest, place);
  // What a digest names cannot be another kind of document, whatever type it is sent under.
  const hints = reference.digest === undefined ? { contentType: fetched.contentType } : {};
  const document = parseImageDocument(fetched.bytes, place, hints, limits);
  await keep?.(digest, fetched.bytes);
  for (const message of document.warnings)
    notice({ code: 'odd-manifest', message: `${message} (${place})` });
  return { document, digest };
}

/** distribution-spec: a client that uses `Docker-Content-Digest` must verify it; it may be absent. */
function verifiedDigest(
  { bytes, statedDigest }: FetchedManifest,
  wanted: string | undefined,
  place: string,
): string {
  const algorithm = wanted === undefined ? 'sha256' : parseDigest(wanted, place).algorithm;
  const digest = digestOf(bytes, algorithm);
  if (wanted !== undefined && digest !== wanted) throw digestMismatch(digest, place);
  if (wanted !== undefined || statedDigest === undefined || !isSupportedDigest(statedDigest))
    return digest;
  const stated = parseDigest(statedDigest, place);
  const found = digestOf(bytes, stated.algorithm);
  if (found === statedDigest) return digest;
  throw new ErofsWasmError(
    'E_DIGEST',
    `the registry states another digest: ${plainText(statedDigest)}`,
    {
      place,
      hint: `the manifest has ${found}; something on the way changed it`,
    },
  );
}
