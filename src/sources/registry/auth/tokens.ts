/** Bearer tokens from a registry's token server (distribution, docs/spec/auth/token.md), fetched once and kept. */

import { ErofsWasmError } from '../../../errors.ts';
import { asObject, member } from '../../../oci/fields.ts';
import { parseStrictJson } from '../../../oci/json.ts';
import { describeUrl } from '../http/describe-url.ts';
import { checkOutbound } from '../http/outbound.ts';
import { getFollowing } from '../http/redirects.ts';
import { type HttpResponse, type HttpTransport, readBody } from '../http/transport.ts';
import { type Asker, credentialsHint, responseError } from '../transfer/response-error.ts';
import { type Patience, withRetries } from '../transfer/retry.ts';

/** What a token is for. */
export interface TokenRequest {
  readonly realm: string;
  readonly service: string;
  /** Sorted. */
  readonly scopes: readonly string[];
}

interface CachedToken {
  readonly value: Promise<string>;
  /** Milliseconds on this machine's clock; Infinity until the token has arrived. */
  expires: number;
}

/** token.md: a client must assume 60 seconds where the server says nothing. */
const DEFAULT_LIFETIME_S = 60;

/** A server whose clock is further off than this tells nothing by its time. */
const MOST_CLOCK_SKEW_S = 300;

/** A token is renewed this long before it ends, or a tenth of its life where that is more. */
const RENEW_EARLY_S = 10;

/** Tokens are a few kilobytes of JSON. */
const LARGEST_ANSWER = 64 * 1024;

/** Name under which token servers may log this client; token.md asks for one. */
const CLIENT_ID = 'erofs-wasm';

const JSON_ANSWER = { accept: 'application/json' } as const;

export class TokenCache {
  readonly #transport: HttpTransport;
  readonly #asker: Asker;
  readonly #patience: Patience;
  readonly #tokens = new Map<string, CachedToken>();

  constructor(transport: HttpTransport, asker: Asker, patience: Patience) {
    this.#transport = transport;
    this.#asker = asker;
    this.#patience = patience;
  }

  /** A token that is good for a while. All who ask at the same time share one request. Throws `E_AUTH` and kin. */
  async get(request: TokenRequest, registry: URL, signal: AbortSignal): Promise<string> {
    try {
      return await this.#shared(request, registry, signal);
    } catch (error) {
      // The one who started the request was cancelled; those who only waited for it start another.
      const isOthers = error instanceof ErofsWasmError && error.code === 'E_ABORTED';
      if (!isOthers || signal.aborted) throw error;
      return this.get(request, registry, signal);
    }
  }

  #shared(request: TokenRequest, registry: URL, signal: AbortSignal): Promise<string> {
    const key = keyOf(request);
    const cached = this.#tokens.get(key);
    if (cached !== undefined && cached.expires > Date.now()) return cached.value;
    const token: CachedToken = {
      expires: Number.POSITIVE_INFINITY,
      value: this.#fetch(request, registry, signal).then(({ value, lifetimeS }) => {
        const early = Math.max(RENEW_EARLY_S, lifetimeS / 10);
        token.expires = Date.now() + (lifetimeS - early) * 1000;
        return value;
      }),
    };
    this.#tokens.set(key, token);
    // A failure is told to those who wait, and forgotten: the next one asks again.
    token.value.catch(() => this.#forget(key, token));
    return token.value;
  }

  /** Forgets a token that the registry has refused, unless it has been replaced already. */
  async drop(request: TokenRequest, refused: string): Promise<void> {
    const key = keyOf(request);
    const cached = this.#tokens.get(key);
    if (cached !== undefined && (await cached.value.catch(() => '')) === refused)
      this.#forget(key, cached);
  }

  #forget(key: string, token: CachedToken): void {
    if (this.#tokens.get(key) === token) this.#tokens.delete(key);
  }

  async #fetch(
    request: TokenRequest,
    registry: URL,
    signal: AbortSignal,
  ): Promise<{ value: string; lifetimeS: number }> {
    const url = checkOutbound(registry, request.realm, 'token realm');
    const bytes = await withRetries(
      async () => {
        const response = await this.#ask(request, url, signal);
        if (response.status !== 200) throw await this.#refusal(response, signal);
        return readBody(response, LARGEST_ANSWER, tooLongAnswer, signal);
      },
      this.#patience,
      signal,
    );
    const token = readToken(bytes, url);
    this.#asker.secrets.add(token.value);
    return token;
  }

  /** token.md for a login or none; oauth.md for an identity token, which stands in the body. */
  #ask(request: TokenRequest, realm: URL, signal: AbortSignal): Promise<HttpResponse> {
    const { login, identityToken } = this.#asker.credentials;
    if (identityToken === undefined) {
      const authorization = login === undefined ? undefined : basicHeader(login);
      const asked = { url: tokenUrl(request, realm), headers: JSON_ANSWER, authorization };
      return getFollowing(this.#transport, asked, signal);
    }
    // A redirect is not followed: the secret in the body is for this origin.
    const headers = { ...JSON_ANSWER, 'content-type': 'application/x-www-form-urlencoded' };
    const body = exchangeForm(request, identityToken);
    return this.#transport.send({ method: 'POST', url: realm, headers, body }, signal);
  }

  async #refusal(response: HttpResponse, signal: AbortSignal): Promise<ErofsWasmError> {
    const error = await responseError(
      response,
      { ...this.#asker, host: response.url.host },
      signal,
    );
    if (error.code !== 'E_AUTH') return error;
    return new ErofsWasmError('E_AUTH', `no token: ${error.summary}`, {
      place: describeUrl(response.url),
      hint: credentialsHint(this.#asker),
    });
  }
}

/** `Authorization` for a user and a password, as UTF-8 (RFC 7617). */
export function basicHeader({
  username,
  password,
}: {
  username: string;
  password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

function tooLongAnswer(place: string): ErofsWasmError {
  return new ErofsWasmError('E_AUTH', `the answer is longer than ${LARGEST_ANSWER} bytes`, {
    place,
    hint: 'this is no token; something else than a token server may have answered',
  });
}

function keyOf({ realm, service, scopes }: TokenRequest): string {
  return JSON.stringify([realm, service, scopes]);
}

function exchangeForm({ service, scopes }: TokenRequest, identityToken: string): string {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: identityToken });
  form.set('client_id', CLIENT_ID);
  if (service !== '') form.set('service', service);
  form.set('scope', scopes.join(' '));
  return form.toString();
}

function tokenUrl({ service, scopes }: TokenRequest, realm: URL): URL {
  const url = new URL(realm);
  if (service !== '') url.searchParams.append('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  url.searchParams.append('client_id', CLIENT_ID);
  return url;
}

/** Seconds since the token was made, where the two clocks agree well enough to tell. */
function ageOf(issuedAt: unknown): number {
  const age = typeof issuedAt === 'string' ? (Date.now() - Date.parse(issuedAt)) / 1000 : 0;
  return age > 0 && age <= MOST_CLOCK_SKEW_S ? age : 0;
}

function readToken(bytes: Uint8Array, url: URL): { value: string; lifetimeS: number } {
  const place = describeUrl(url);
  const where = { code: 'E_AUTH', place, path: '' } as const;
  const body = asObject(parseStrictJson(bytes, 'E_AUTH', place), where);
  const value = [member(body, 'access_token'), member(body, 'token')].find(
    (token) => typeof token === 'string' && token !== '',
  );
  if (typeof value !== 'string')
    throw new ErofsWasmError('E_AUTH', 'there is no token in the answer', { place });
  // Anything else could not stand in a header, and the attempt would name it.
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new ErofsWasmError('E_AUTH', 'the token has characters that no token has', { place });
  const stated = Number(member(body, 'expires_in'));
  const lifetimeS = Number.isFinite(stated)
    ? Math.max(stated, DEFAULT_LIFETIME_S)
    : DEFAULT_LIFETIME_S;
  return { value, lifetimeS: lifetimeS - ageOf(member(body, 'issued_at')) };
}
