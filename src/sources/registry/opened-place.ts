/** One registry that may have the image: a client for it with the login and the exceptions that are meant for it. */

import { parseDigest } from '../../oci/digest.ts';
import type { ContentStore } from '../content-store.ts';
import type { SourceContext, SourceOptions } from '../options.ts';
import { Authorizer } from './auth/authorizer.ts';
import { secretsOf } from './auth/secrets.ts';
import { TokenServer } from './auth/token-server.ts';
import { TokenCache } from './auth/tokens.ts';
import { RegistryClient } from './client.ts';
import { findCredentials, findStoredCredentials } from './credentials/find-credentials.ts';
import { connectHost, settleScheme } from './endpoint.ts';
import { readTlsMaterial } from './http/tls-files.ts';
import { HttpTransport } from './http/transport.ts';
import { optionsFor, type Place } from './mirrors/places.ts';
import { readBlob } from './transfer/blob.ts';
import { BlobCare } from './transfer/blob-care.ts';
import type { Asker } from './transfer/response-error.ts';
import { type Patience, RetryBudget } from './transfer/retry.ts';
import { SpareConnections } from './transfer/spare-connections.ts';
import type { Timing } from './transfer/timing.ts';
import { RegistryWarnings } from './transfer/warnings.ts';

/** Another place is there to be asked: a mirror is given seconds to recover, not minutes. */
const MIRROR_BACKOFF_CAP_MS = 1000;

/** One that swallows what is sent to it costs two attempts to connect, and not six. */
const MIRROR_GIVE_UP_MS = 12_000;

export interface OpenedPlace {
  readonly client: RegistryClient;
  readonly store: ContentStore;
  close(): Promise<void>;
}

/** Gets ready to talk to a place. Throws `E_USAGE`, `E_CREDENTIALS`, `E_NETWORK`. */
export async function openPlace(
  place: Place,
  options: SourceOptions,
  context: SourceContext,
  timing: Timing,
): Promise<OpenedPlace> {
  const itsOptions = optionsFor(place, options);
  const asker = await makeAsker(place, itsOptions, context, timing);
  const host = connectHost(place.host);
  const { insecure = false } = itsOptions;
  const tls = await readTlsMaterial(place.host, itsOptions);
  const { limitRate, plainHttp = false } = itsOptions;
  const transport = new HttpTransport({ home: host, insecure, tls, limitRate }, timing);
  try {
    const registry =
      place.scheme === undefined
        ? await settleScheme(host, { insecure, plainHttp }, transport, context, timing)
        : new URL(`${place.scheme}://${host}/`);
    const budget = new RetryBudget();
    const patience = { timing: timingFor(place, timing), budget, onRetry: context.onRetry };
    const spare = new SpareConnections(options.maxConnections);
    const client = makeClient(place, registry, transport, asker, patience, context, spare);
    const store = registryStore(client, `${place.host}/${place.path}`, !place.isMirror);
    return { client, store, close: () => transport.close() };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function timingFor({ isMirror }: Place, timing: Timing): Timing {
  if (!isMirror) return timing;
  return {
    ...timing,
    backoffCapMs: Math.min(timing.backoffCapMs, MIRROR_BACKOFF_CAP_MS),
    giveUpMs: Math.min(timing.giveUpMs, MIRROR_GIVE_UP_MS),
  };
}

async function makeAsker(
  { host, path, isNamed }: Place,
  options: SourceOptions,
  context: SourceContext,
  timing: Timing,
): Promise<Asker> {
  const find = isNamed ? findCredentials : findStoredCredentials;
  const credentials = await find({ host, path }, options, context);
  const secrets = secretsOf(credentials);
  const { maxRetryWait } = options;
  const longestWaitMs =
    maxRetryWait === undefined ? timing.longestRetryAfterMs : maxRetryWait * 1000;
  return { host, credentials, secrets, longestWaitMs };
}

function makeClient(
  { path }: Place,
  registry: URL,
  transport: HttpTransport,
  asker: Asker,
  patience: Patience,
  { limits, notice }: SourceContext,
  spare: SpareConnections,
): RegistryClient {
  const tokens = new TokenCache(new TokenServer(transport, asker, patience));
  const authorizer = new Authorizer(asker, tokens, registry, `repository:${path}:pull`, notice);
  const repository = path;
  return new RegistryClient({
    ...{ transport, authorizer, asker, patience, limits },
    ...{ registry, repository, spare },
    warnings: new RegistryWarnings(notice, asker.secrets),
  });
}

function registryStore(client: RegistryClient, name: string, isLastPlace: boolean): ContentStore {
  /** By digest, of blobs that were asked for. */
  const cares = new Map<string, BlobCare>();
  const careFor = (digest: string): BlobCare => {
    const care = cares.get(digest) ?? new BlobCare();
    cares.set(digest, care);
    return care;
  };
  return {
    name,
    async *openManifest({ digest }, signal) {
      parseDigest(digest, name);
      yield (await client.fetchManifest(digest, signal)).bytes;
    },
    openBlob: (descriptor, signal, from) =>
      readBlob(client, descriptor, signal, { from, care: careFor(descriptor.digest), isLastPlace }),
    reject: async ({ digest }) => careFor(digest).reject(),
  };
}
