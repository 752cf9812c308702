/** An image straight from its registry. */

import { ErofsWasmError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { isSupportedDigest, parseDigest } from '../../oci/digest.ts';
import { parseImageDocument } from '../../oci/manifest.ts';
import { plainText } from '../../oci/quote.ts';
import { formatReference, type ImageReference } from '../../oci/reference.ts';
import { type ContentStore, digestMismatch, digestOf, placeOf } from '../content-store.ts';
import type { SourceContext, SourceOptions } from '../options.ts';
import { type ResolvedImage, type RootDocument, resolveImage } from '../resolve-image.ts';
import { Authorizer } from './auth/authorizer.ts';
import { findCredentials } from './auth/credentials.ts';
import { Secrets } from './auth/secrets.ts';
import { basicHeader, TokenCache } from './auth/tokens.ts';
import { type FetchedManifest, RegistryClient } from './client.ts';
import { connectHost, hostName, settleScheme } from './endpoint.ts';
import { HttpTransport } from './http/transport.ts';
import { readBlob } from './transfer/blob.ts';
import type { Asker } from './transfer/response-error.ts';
import type { Patience } from './transfer/retry.ts';
import { DEFAULT_TIMING, type Timing } from './transfer/timing.ts';

/** Resolves a reference; layers stream from the registry until `close`. `timing` is for tests. */
export async function openRegistry(
  reference: ImageReference,
  options: SourceOptions,
  context: SourceContext,
  timing: Timing = DEFAULT_TIMING,
): Promise<{ reference: string; image: ResolvedImage; close: () => Promise<void> }> {
  const asker = await makeAsker(reference, options, context);
  const host = connectHost(reference.host);
  const { insecure = false } = options;
  const transport = new HttpTransport(timing, insecure ? hostName(host) : undefined);
  const close = (): Promise<void> => transport.close();
  try {
    const registry = await settleScheme(host, insecure, transport, context);
    const client = makeClient(
      reference,
      registry,
      transport,
      asker,
      { timing, onRetry: context.onRetry },
      context.limits,
    );
    const store = registryStore(client, `${reference.host}/${reference.path}`);
    const root = await fetchRoot(client, reference, store.name, context);
    const image = await resolveImage(store, root, context);
    return { reference: formatReference(reference), image, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeAsker(
  { host }: ImageReference,
  options: SourceOptions,
  { notice }: SourceContext,
): Promise<Asker> {
  const credentials = await findCredentials(host, options, notice);
  const secrets = new Secrets();
  const { login } = credentials;
  if (login !== undefined) secrets.add(login.password, basicHeader(login).slice('Basic '.length));
  return { host, credentials, secrets };
}

function makeClient(
  { path }: ImageReference,
  registry: URL,
  transport: HttpTransport,
  asker: Asker,
  patience: Patience,
  limits: Limits,
): RegistryClient {
  const tokens = new TokenCache(transport, asker, patience);
  const authorizer = new Authorizer(asker, tokens, registry, `repository:${path}:pull`);
  return new RegistryClient({
    transport,
    authorizer,
    asker,
    patience,
    limits,
    registry,
    repository: path,
  });
}

function registryStore(client: RegistryClient, name: string): ContentStore {
  return {
    name,
    async *openManifest({ digest }, signal) {
      parseDigest(digest, name);
      yield (await client.fetchManifest(digest, signal)).bytes;
    },
    openBlob: (descriptor, signal) => readBlob(client, descriptor, signal),
  };
}

/** The document a reference names. A digest is verified; a tag's content is known by its own digest. */
async function fetchRoot(
  client: RegistryClient,
  reference: ImageReference,
  name: string,
  { signal, notice, limits }: SourceContext,
): Promise<RootDocument> {
  const wanted = reference.digest ?? reference.tag ?? 'latest';
  const place = placeOf('manifest', wanted, name);
  if (reference.digest !== undefined) parseDigest(reference.digest, place);
  const fetched = await client.fetchManifest(wanted, signal);
  const digest = verifiedDigest(fetched, reference.digest, place);
  // What a digest names cannot be another kind of document, whatever type it is sent under.
  const hints = reference.digest === undefined ? { contentType: fetched.contentType } : {};
  const document = parseImageDocument(fetched.bytes, place, hints, limits);
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
