/** What a token server sends (distribution, docs/spec/auth/token.md and oauth.md). */

import { ErofsWasmError } from '../../../errors.ts';
import { asObject, type JsonObject, member } from '../../../oci/fields.ts';
import { parseStrictJson } from '../../../oci/json.ts';
import { isTokenText } from '../credentials/credentials.ts';

export interface TokenAnswer {
  readonly token: string;
  /** To be shown next time instead of what was shown this time; for this process only. */
  readonly refreshToken: string | undefined;
  /** When to ask for another: milliseconds on this machine's clock. */
  readonly renewAt: number;
}

/** token.md: a client must assume 60 seconds where the server says nothing, and a server must not say less. */
const SHORTEST_LIFETIME_S = 60;

/** A token is renewed this long before it ends, or a tenth of its life where that is more. */
const RENEW_EARLY_S = 10;

/** A server whose clock is further off than this does not tell us when its token began. */
const MOST_CLOCK_SKEW_S = 5 * 60;

/** Whatever the clocks say, a new token is used for this long: else each request would fetch its own. */
const LEAST_USE_S = 20;

/** Reads an answer received at `now`, in milliseconds. Throws `E_AUTH`, never repeating any of it. */
export function readTokenAnswer(bytes: Uint8Array, place: string, now: number): TokenAnswer {
  const where = { code: 'E_AUTH', place, path: '' } as const;
  const body = asObject(parseStrictJson(bytes, 'E_AUTH', place), where);
  // oauth.md has the first name, token.md the second, and both where they are the same.
  const token = text(body, 'access_token') ?? text(body, 'token');
  if (token === undefined)
    throw new ErofsWasmError('E_AUTH', 'there is no token in the answer', { place });
  // Anything else could not stand in a header, and the attempt would name it.
  if (!isTokenText(token))
    throw new ErofsWasmError('E_AUTH', 'the token has characters that no token has', { place });
  return { token, refreshToken: text(body, 'refresh_token'), renewAt: renewalOf(body, now) };
}

function text(body: JsonObject, key: string): string | undefined {
  const value = member(body, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function renewalOf(body: JsonObject, now: number): number {
  const lifetimeS = lifetimeOf(member(body, 'expires_in'));
  const early = Math.max(RENEW_EARLY_S, lifetimeS / 10);
  const renewAt = issuedAt(member(body, 'issued_at'), now) + (lifetimeS - early) * 1000;
  return Math.max(renewAt, now + LEAST_USE_S * 1000);
}

/** Some servers write the number as a string. */
function lifetimeOf(value: unknown): number {
  const isNumber = typeof value === 'number' || typeof value === 'string';
  const stated = isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(stated) ? Math.max(stated, SHORTEST_LIFETIME_S) : SHORTEST_LIFETIME_S;
}

function issuedAt(value: unknown, now: number): number {
  // RFC 3339, as token.md has it; `Date.parse` alone would take much else.
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value);
  const stated = isTime ? Date.parse(value) : Number.NaN;
  return Math.abs(stated - now) <= MOST_CLOCK_SKEW_S * 1000 ? stated : now;
}
