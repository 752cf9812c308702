/** Bearer tokens, each fetched once and kept while it lives. */

import { ErofsWasmError } from '../../../errors.ts';
import type { TokenAnswer } from './token-answer.ts';
import type { TokenRequest, TokenServer } from './token-server.ts';

/** A token for a request. */
export interface HeldToken {
  readonly token: string;
  /** False for one that was there before it was asked for, and may have been refused meanwhile. */
  readonly isNew: boolean;
}

interface CachedToken {
  readonly answer: Promise<TokenAnswer>;
  /** Milliseconds on this machine's clock; Infinity until the token has arrived. */
  renewAt: number;
}

/** For one registry and one identity. */
export class TokenCache {
  readonly #server: Pick<TokenServer, 'fetch'>;
  readonly #tokens = new Map<string, CachedToken>();

  constructor(server: Pick<TokenServer, 'fetch'>) {
    this.#server = server;
  }

  /** A token that is good for a while. All who ask at the same time share one request. Throws `E_AUTH` and kin. */
  async get(request: TokenRequest, registry: URL, signal: AbortSignal): Promise<HeldToken> {
    try {
      return await this.#shared(request, registry, signal);
    } catch (error) {
      // The one who started the request was cancelled; those who only waited for it start another.
      const isOthers = error instanceof ErofsWasmError && error.code === 'E_ABORTED';
      if (!isOthers || signal.aborted) throw error;
      return this.get(request, registry, signal);
    }
  }

  async #shared(request: TokenRequest, registry: URL, signal: AbortSignal): Promise<HeldToken> {
    const key = keyOf(request);
    const cached = this.#tokens.get(key);
    if (cached !== undefined && cached.renewAt > Date.now()) {
      const isNew = cached.renewAt === Number.POSITIVE_INFINITY;
      return { token: (await cached.answer).token, isNew };
    }
    const fetched: CachedToken = {
      renewAt: Number.POSITIVE_INFINITY,
      answer: this.#server.fetch(request, registry, signal).then((answer) => {
        fetched.renewAt = answer.renewAt;
        return answer;
      }),
    };
    this.#tokens.set(key, fetched);
    // A failure is told to those who wait, and forgotten: the next one asks again.
    fetched.answer.catch(() => this.#forget(key, fetched));
    return { token: (await fetched.answer).token, isNew: true };
  }

  /** Forgets a token that the registry has refused, unless it has been replaced already. */
  async drop(request: TokenRequest, refused: string): Promise<void> {
    const key = keyOf(request);
    const cached = this.#tokens.get(key);
    const answer = await cached?.answer.catch(() => undefined);
    if (cached !== undefined && answer?.token === refused) this.#forget(key, cached);
  }

  #forget(key: string, token: CachedToken): void {
    if (this.#tokens.get(key) === token) this.#tokens.delete(key);
  }
}

function keyOf({ realm, service, scopes }: TokenRequest): string {
  return JSON.stringify([realm, service, scopes]);
}
