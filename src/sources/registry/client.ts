/** A registry's HTTP API for one repository (distribution-spec): authorised, redirected and retried GETs. */

import { ErofsWasmError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { isSupportedDigest, parseDigest } from '../../oci/digest.ts';
import { MANIFEST_TYPES } from '../../oci/media-types.ts';
import { type DocumentLimit, digestMismatch, digestOf } from '../content-store.ts';
import type { Authorization, Authorizer, Refusal } from './auth/authorizer.ts';
import { parseChallenges } from './auth/challenge.ts';
import { mayMeanExpired, saysExpired } from './auth/expired-token.ts';
import { pingChallenges } from './auth/ping.ts';
import { describeUrl } from './http/describe-url.ts';
import { checkOutbound } from './http/outbound.ts';
import { getFollowing } from './http/redirects.ts';
import {
  discardBody,
  type HttpResponse,
  type HttpTransport,
  headerValue,
  headerValues,
  type RequestHeaders,
} from './http/transport.ts';
import type { BlobOrigin } from './transfer/blob-origin.ts';
import { isAsWanted, readDocumentBody } from './transfer/document-body.ts';
import { afterKeepAlive } from './transfer/keep-alive.ts';
import { type Asker, complaint, responseError } from './transfer/response-error.ts';
import { type Patience, withRetries } from './transfer/retry.ts';
import type { SpareConnections } from './transfer/spare-connections.ts';
import type { RegistryWarnings } from './transfer/warnings.ts';

/** A manifest or index as it was sent. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** The registry's own idea of the digest, where it states one. */
  readonly statedDigest: string | undefined;
}

/** No challenge, a token, and a better token: a fourth request would only ask the same again. */
const MOST_SENDS = 3;

/** One header, comma-joined, as every registry understands it. */
const ACCEPT_MANIFEST = MANIFEST_TYPES.join(', ');

/** The parts a client is made of. */
export interface ClientParts {
  readonly transport: HttpTransport;
  readonly authorizer: Authorizer;
  readonly asker: Asker;
  readonly patience: Patience;
  readonly limits: Pick<Limits, 'manifest' | 'config'>;
  /** Root of the registry. */
  readonly registry: URL;
  /** The repository's path. */
  readonly repository: string;
  /** For the parts of large blobs. */
  readonly spare?: SpareConnections;
  /** What the registry wants people to know. */
  readonly warnings?: RegistryWarnings;
}

export class RegistryClient {
  readonly patience: Patience;
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    this.patience = parts.patience;
    this.#parts = parts;
  }

  /**
   * A manifest by tag or digest. What a digest names is verified: wrong bytes are asked for once more, past caches.
   * Throws `E_NOT_FOUND`, `E_AUTH`, `E_HTTP`, `E_LIMIT`, `E_DIGEST` and kin.
   */
  async fetchManifest(reference: string, signal: AbortSignal): Promise<FetchedManifest> {
    const wanted = isSupportedDigest(reference) ? reference : undefined;
    const found = await this.#manifest(reference, wanted, {}, signal);
    if (wanted === undefined || isAsWanted(found.bytes, wanted)) return found;
    const clean = { 'cache-control': 'no-cache' };
    const again = await this.#manifest(reference, wanted, clean, signal);
    if (isAsWanted(again.bytes, wanted)) return again;
    const { algorithm } = parseDigest(wanted, again.place);
    throw digestMismatch(digestOf(again.bytes, algorithm), `manifest ${wanted}, ${again.place}`);
  }

  /**
   * The digest that the registry states for a manifest, without the manifest; registries do not count that as a pull.
   * Undefined where it does not say: not all registries take the request, or name a digest.
   */
  statedDigest(reference: string, signal: AbortSignal): Promise<string | undefined> {
    const operation = async (): Promise<string | undefined> => {
      const headers = { accept: ACCEPT_MANIFEST };
      const response = await this.#send('HEAD', `manifests/${reference}`, headers, signal);
      await discardBody(response, signal);
      return response.status === 200 ? headerValue(response, 'docker-content-digest') : undefined;
    };
    return withRetries(operation, this.patience, signal);
  }

  /** A blob of this repository; `mayAppear` where a 404 is worth another look. */
  blobOrigin(digest: string, mayAppear: boolean): BlobOrigin {
    const { asker, spare } = this.#parts;
    return {
      host: asker.host,
      patience: this.patience,
      ...(spare === undefined ? {} : { spare }),
      mayAppear,
      // Never the URL of an earlier redirect: those are signed, and expire.
      get: (headers, signal) => this.#send('GET', `blobs/${digest}`, headers, signal),
      failure: (response, signal) => this.failure(response, signal),
    };
  }

  /** What a manifest says is kept elsewhere: asked for without credentials. Throws `E_POLICY`. */
  foreignOrigin(target: string): BlobOrigin {
    const { transport, registry } = this.#parts;
    const url = checkOutbound(registry, target, 'foreign url');
    const authorization = undefined;
    return {
      host: url.host,
      patience: this.patience,
      mayAppear: false,
      get: (headers, signal) => getFollowing(transport, { url, headers, authorization }, signal),
      failure: (response, signal) => this.failure(response, signal),
    };
  }

  /** The error for a response with an unwanted status. */
  failure(response: HttpResponse, signal: AbortSignal): Promise<ErofsWasmError> {
    const { asker, registry } = this.#parts;
    // After a redirect it is another host that complains, and it never saw our credentials.
    const host = response.url.origin === registry.origin ? asker.host : response.url.host;
    return responseError(response, { ...asker, host }, signal);
  }

  #manifest(
    reference: string,
    wanted: string | undefined,
    more: RequestHeaders,
    signal: AbortSignal,
  ): Promise<FetchedManifest & { readonly place: string }> {
    const limit: DocumentLimit = { name: 'manifest', limits: this.#parts.limits };
    const headers = { accept: ACCEPT_MANIFEST, ...more };
    const operation = async (): Promise<FetchedManifest & { readonly place: string }> => {
      const response = await this.#send('GET', `manifests/${reference}`, headers, signal);
      if (response.status !== 200) throw await this.failure(response, signal);
      return {
        contentType: headerValue(response, 'content-type') ?? '',
        statedDigest: headerValue(response, 'docker-content-digest'),
        bytes: await readDocumentBody(response, limit, wanted, signal),
        place: describeUrl(response.url),
      };
    };
    return withRetries(operation, this.patience, signal);
  }

  /** Every 401 is a fresh challenge, since a registry may guard each repository in its own way. */
  async #send(
    method: 'GET' | 'HEAD',
    path: string,
    headers: RequestHeaders,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const { transport, authorizer, registry, repository, asker } = this.#parts;
    const { headers: own } = asker.credentials;
    const url = new URL(`/v2/${repository}/${path}`, registry);
    let sent = await authorizer.first(signal);
    for (let sends = 1; ; sends += 1) {
      const authorization = sent.kind === 'none' ? undefined : sent.header;
      const request = { method, url, headers, authorization, own };
      const response = await afterKeepAlive(() => getFollowing(transport, request, signal));
      this.#parts.warnings?.hear(response);
      if (response.status === 401) sent = await this.#answer(response, sent, sends, signal);
      else if (sent.kind !== 'bearer' || sent.fresh || sends >= MOST_SENDS) return response;
      else if (!mayMeanExpired(response)) return response;
      else {
        const error = await this.failure(response, signal);
        if (!saysExpired(error)) throw error;
        sent = await authorizer.renew(sent, signal);
      }
    }
  }

  async #answer(
    response: HttpResponse,
    sent: Authorization,
    sends: number,
    signal: AbortSignal,
  ): Promise<Authorization> {
    const { transport, authorizer, registry, asker } = this.#parts;
    const stated = parseChallenges(headerValues(response, 'www-authenticate'));
    const said = await complaint(response, asker.secrets, signal);
    const place = describeUrl(response.url);
    if (response.url.origin !== registry.origin)
      throw new ErofsWasmError(
        'E_AUTH',
        `${registry.host} redirects to ${response.url.host}, which wants a login of its own`,
        { place, hint: 'a registry must lead to links that need no login; tell those who run it' },
      );
    const refusal: Refusal = { challenges: stated, sent, said, place };
    if (sends >= MOST_SENDS) throw authorizer.error('keeps asking for other credentials', refusal);
    if (stated === undefined || stated.length > 0) return authorizer.answer(refusal, signal);
    const root = { registry, own: asker.credentials.headers };
    const challenges = await pingChallenges(transport, root, signal);
    return authorizer.answer({ ...refusal, challenges }, signal);
  }
}
