/** Asks a token server: by GET (distribution, docs/spec/auth/token.md), or by POST as OAuth2 has it (oauth.md). */

import { ErofsWasmError } from '../../../errors.ts';
import { describeUrl } from '../http/describe-url.ts';
import { checkOutbound } from '../http/outbound.ts';
import { getFollowing } from '../http/redirects.ts';
import { type HttpResponse, type HttpTransport, readBody } from '../http/transport.ts';
import { type Asker, credentialsHint, responseError } from '../transfer/response-error.ts';
import { type Patience, withRetries } from '../transfer/retry.ts';
import { basicHeader } from './basic.ts';
import { readTokenAnswer, type TokenAnswer } from './token-answer.ts';

/** What a token is for. */
export interface TokenRequest {
  readonly realm: string;
  readonly service: string;
  /** Sorted. */
  readonly scopes: readonly string[];
}

/** One way to ask. */
interface Attempt {
  /** Fields of a form to post; a GET without. */
  readonly form?: Readonly<Record<string, string>>;
  readonly authorization?: string;
  /** Statuses after which the next way is tried: the server has no such way, or refuses what was shown. */
  readonly moveOn: ReadonlySet<number>;
}

/** Tokens are a few kilobytes of JSON. */
const LARGEST_ANSWER = 64 * 1024;

/** Name under which token servers may log this client; token.md asks for one. */
const CLIENT_ID = 'erofs-wasm';

/** Answers to a POST from servers that know only GET: 404 from GCR, 401 from Artifactory, 400 from ACR, 405. */
const NO_SUCH_GRANT: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 501]);

/** Answers to a GET from servers that know only POST. */
const NO_SUCH_METHOD: ReadonlySet<number> = new Set([404, 405, 501]);

const NONE: ReadonlySet<number> = new Set();

export class TokenServer {
  readonly #transport: HttpTransport;
  readonly #asker: Asker;
  readonly #patience: Patience;
  /** Newer refresh tokens by realm and service, in memory only: a server may have ended the one we came with. */
  readonly #refresh = new Map<string, string>();

  constructor(transport: HttpTransport, asker: Asker, patience: Patience) {
    this.#transport = transport;
    this.#asker = asker;
    this.#patience = patience;
  }

  /** A token. Throws `E_AUTH`, `E_POLICY`, `E_NETWORK` and kin. */
  async fetch(request: TokenRequest, registry: URL, signal: AbortSignal): Promise<TokenAnswer> {
    const realm = checkOutbound(registry, request.realm, 'token realm');
    const key = JSON.stringify([request.realm, request.service]);
    const response = await this.#firstAnswer(request, realm, this.#attempts(key), signal);
    const answer = readTokenAnswer(response, describeUrl(realm), Date.now());
    const { token, refreshToken } = answer;
    this.#asker.secrets.add(token);
    if (refreshToken !== undefined) {
      this.#asker.secrets.add(refreshToken);
      if (this.#asker.credentials.identityToken !== undefined) this.#refresh.set(key, refreshToken);
    }
    return answer;
  }

  /** The ways to ask, the strongest proof first. */
  #attempts(key: string): readonly Attempt[] {
    const { login, identityToken } = this.#asker.credentials;
    const byRefresh = [...new Set([this.#refresh.get(key), identityToken])].flatMap((token) =>
      token === undefined ? [] : [{ form: refreshForm(token), moveOn: NO_SUCH_GRANT }],
    );
    if (login === undefined) return byRefresh.length > 0 ? byRefresh : [{ moveOn: NONE }];
    const byGet = { authorization: basicHeader(login), moveOn: NO_SUCH_METHOD };
    const { username, password } = login;
    const grant = { grant_type: 'password', username, password, access_type: 'offline' };
    return [...byRefresh, byGet, { form: grant, moveOn: NONE }];
  }

  async #firstAnswer(
    request: TokenRequest,
    realm: URL,
    attempts: readonly Attempt[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    for (const [index, attempt] of attempts.entries()) {
      const isLast = index === attempts.length - 1;
      const bytes = await withRetries(
        async () => {
          const response = await this.#send(attempt, request, realm, signal);
          if (response.status === 200)
            return readBody(response, LARGEST_ANSWER, tooLongAnswer, signal);
          const error = await this.#refusal(response, signal);
          if (isLast || !attempt.moveOn.has(response.status)) throw error;
          return undefined;
        },
        this.#patience,
        signal,
      );
      if (bytes !== undefined) return bytes;
    }
    throw new Error('no way to ask is left');
  }

  #send(
    { form, authorization }: Attempt,
    { service, scopes }: TokenRequest,
    realm: URL,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const headers = { accept: 'application/json' };
    if (form === undefined) {
      const url = new URL(realm);
      if (service !== '') url.searchParams.append('service', service);
      for (const scope of scopes) url.searchParams.append('scope', scope);
      url.searchParams.append('client_id', CLIENT_ID);
      return getFollowing(this.#transport, { url, headers, authorization }, signal);
    }
    const scope = scopes.length === 0 ? {} : { scope: scopes.join(' ') };
    const body = new URLSearchParams({ ...form, service, client_id: CLIENT_ID, ...scope });
    // No redirect is followed: the secret stands in the body, and would go along.
    return this.#transport.send(
      {
        method: 'POST',
        url: realm,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      },
      signal,
    );
  }

  async #refusal(response: HttpResponse, signal: AbortSignal): Promise<ErofsWasmError> {
    const asker = { ...this.#asker, host: response.url.host };
    const error = await responseError(response, asker, signal);
    // A refused grant is a 400 (RFC 6749, section 5.2).
    if (error.code !== 'E_AUTH' && response.status !== 400) return error;
    return new ErofsWasmError('E_AUTH', `no token: ${error.summary}`, {
      place: describeUrl(response.url),
      hint: credentialsHint(this.#asker),
    });
  }
}

function refreshForm(token: string): Readonly<Record<string, string>> {
  return { grant_type: 'refresh_token', refresh_token: token };
}

function tooLongAnswer(place: string): ErofsWasmError {
  return new ErofsWasmError('E_AUTH', `the answer is longer than ${LARGEST_ANSWER} bytes`, {
    place,
    hint: 'this is no token; something else than a token server may have answered',
  });
}
