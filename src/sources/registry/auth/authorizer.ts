/** Answers a registry's challenges: which scheme, which token, and when to give up. */

import { ErofsWasmError } from '../../../errors.ts';
import { plainText } from '../../../oci/quote.ts';
import type { SourceNotice } from '../../source.ts';
import { type Asker, credentialsHint } from '../transfer/response-error.ts';
import { basicHeader } from './basic.ts';
import type { Challenge } from './challenge.ts';
import { mergeScopes, splitScopes } from './scopes.ts';
import type { TokenRequest } from './token-server.ts';
import type { TokenCache } from './tokens.ts';

/** What a request carried. */
export type Authorization =
  | { readonly kind: 'none' }
  /** A token that the user gave, and that cannot be had anew. */
  | { readonly kind: 'given'; readonly header: string }
  | { readonly kind: 'basic'; readonly header: string }
  | {
      readonly kind: 'bearer';
      readonly header: string;
      readonly request: TokenRequest;
      readonly token: string;
      /** Whether it was fetched for this very request: to be refused then means more than old age. */
      readonly fresh: boolean;
    };

/** A 401 to a request. */
export interface Refusal {
  /** `undefined` where the headers were too long to read. */
  readonly challenges: readonly Challenge[] | undefined;
  readonly sent: Authorization;
  /** The registry's own words. */
  readonly said: string;
  readonly place: string;
}

const NOTHING: Authorization = { kind: 'none' };

export class Authorizer {
  readonly #asker: Asker;
  readonly #tokens: TokenCache;
  readonly #registry: URL;
  readonly #scope: string;
  readonly #notice: SourceNotice;
  #hasWarned = false;
  /** What worked last, and is sent unasked with the next request. */
  #habit: TokenRequest | 'basic' | undefined;

  /** `scope` is asked for where a challenge names none. */
  constructor(
    asker: Asker,
    tokens: TokenCache,
    registry: URL,
    scope: string,
    notice: SourceNotice,
  ) {
    this.#notice = notice;
    this.#asker = asker;
    this.#tokens = tokens;
    this.#registry = registry;
    this.#scope = scope;
  }

  /** What to send with a new request. */
  async first(signal: AbortSignal): Promise<Authorization> {
    const { registryToken } = this.#asker.credentials;
    if (registryToken !== undefined) return { kind: 'given', header: `Bearer ${registryToken}` };
    if (this.#habit === undefined) return NOTHING;
    if (this.#habit === 'basic') return this.#basic();
    // One that is fetched now answers an earlier challenge; this request may have its own.
    return { ...(await this.#bearer(this.#habit, signal)), fresh: false };
  }

  /** What to send instead of what was refused. Throws `E_AUTH` when there is nothing left to try. */
  async answer(refusal: Refusal, signal: AbortSignal): Promise<Authorization> {
    const { challenges = [], sent } = refusal;
    if (sent.kind === 'given') throw this.error('refuses the token', refusal);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (challenges.some(({ isAmbiguous }) => isAmbiguous)) this.#warn();
    if (bearer !== undefined) return this.#answerBearer(bearer, refusal, signal);
    const basic = challenges.some(({ scheme }) => scheme === 'basic');
    if (!basic) throw this.error(noUsableScheme(refusal.challenges), refusal);
    if (this.#asker.credentials.login === undefined)
      throw this.error('wants a user name and a password', refusal);
    if (sent.kind === 'basic') throw this.error('refuses the credentials', refusal);
    this.#habit = 'basic';
    return this.#basic();
  }

  /** What to send instead of a token that has expired, as the registry says in a status of its own. */
  async renew(
    sent: Authorization & { kind: 'bearer' },
    signal: AbortSignal,
  ): Promise<Authorization> {
    await this.#tokens.drop(sent.request, sent.token);
    return this.#bearer(sent.request, signal);
  }

  /** `E_AUTH` about a refusal. */
  error(problem: string, { said, place }: Refusal): ErofsWasmError {
    const summary = `${this.#asker.host} ${problem}${said === '' ? '' : `: ${said}`}`;
    return new ErofsWasmError('E_AUTH', summary, { place, hint: credentialsHint(this.#asker) });
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const message = `${this.#asker.host} asks for credentials in two ways at once; the first counts`;
    this.#notice({ code: 'odd-challenge', message });
  }

  async #answerBearer(
    { parameters }: Challenge,
    refusal: Refusal,
    signal: AbortSignal,
  ): Promise<Authorization> {
    const { sent } = refusal;
    const realm = parameters.get('realm') ?? '';
    if (realm === '') throw this.error('wants a token but names no realm', refusal);
    const asked = mergeScopes(splitScopes(parameters.get('scope') ?? ''));
    const had = sent.kind === 'bearer' ? sent.request.scopes : [];
    const request: TokenRequest = {
      realm,
      service: parameters.get('service') ?? '',
      scopes: mergeScopes(had, asked.length === 0 ? [this.#scope] : asked),
    };
    if (sent.kind === 'bearer') {
      const isNewWish = request.scopes.some((scope) => !had.includes(scope));
      const mayRetry = !sent.fresh || isNewWish || parameters.get('error') === 'invalid_token';
      if (!mayRetry) throw this.error('refuses the token it asked for', refusal);
      await this.#tokens.drop(sent.request, sent.token);
    }
    this.#habit = request;
    return this.#bearer(request, signal);
  }

  async #bearer(
    request: TokenRequest,
    signal: AbortSignal,
  ): Promise<Authorization & { kind: 'bearer' }> {
    const { token, isNew } = await this.#tokens.get(request, this.#registry, signal);
    return { kind: 'bearer', header: `Bearer ${token}`, request, token, fresh: isNew };
  }

  #basic(): Authorization {
    const { login } = this.#asker.credentials;
    return login === undefined ? NOTHING : { kind: 'basic', header: basicHeader(login) };
  }
}

function noUsableScheme(challenges: readonly Challenge[] | undefined): string {
  if (challenges === undefined) return 'asks for credentials at too great length';
  if (challenges.length === 0) return 'wants credentials but does not say which (401)';
  const schemes = challenges.map(({ scheme }) => scheme).join(', ');
  return `wants a kind of login that is not supported: ${plainText(schemes)}`;
}
