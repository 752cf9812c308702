/** An HTTP status as a typed error, with what the registry says about it. */

import { ErofsWasmError, type ErrorCode, type ErrorDetails } from '../../../errors.ts';
import { plainText } from '../../../oci/quote.ts';
import type { Secrets } from '../auth/secrets.ts';
import { type Credentials, isNobody } from '../credentials/credentials.ts';
import { describeUrl } from '../http/describe-url.ts';
import { type HttpResponse, streamBody } from '../http/transport.ts';
import { type RateLimit, readRateLimit } from './rate-limit.ts';
import { TransientError } from './retry.ts';

/** Who asked, for messages. */
export interface Asker {
  readonly host: string;
  readonly credentials: Credentials;
  readonly secrets: Secrets;
  /** Milliseconds; the error is final where the registry asks for more. */
  readonly longestWaitMs: number;
}

/** Error bodies are a few hundred bytes; more than this is a page for people. */
const MOST_READ = 64 * 1024;

/** Longest complaint of a registry that is passed on. */
const MOST_QUOTED = 300;

/** Overload, maintenance and races, also of the proxies in front of registries. */
const TRANSIENT_STATUS: ReadonlySet<number> = new Set([
  ...[408, 425, 429, 499, 500, 502, 503, 504],
  ...[520, 521, 522, 523, 524, 529],
]);

/** The error for a response that is not what was asked for; reads its body. */
export async function responseError(
  response: HttpResponse,
  asker: Asker,
  signal: AbortSignal,
): Promise<ErofsWasmError> {
  const said = await complaint(response, asker.secrets, signal);
  const { status } = response;
  const limit = readRateLimit(response, Date.now());
  const { waitMs } = limit;
  const tooLong = waitMs !== undefined && waitMs > asker.longestWaitMs;
  const details: ErrorDetails = {
    place: describeUrl(response.url),
    ...hintFor(response, asker, limit),
  };
  const summary = `${asker.host} ${meaning(status)}${said === '' ? '' : `: ${said}`}`;
  return TRANSIENT_STATUS.has(status) && !tooLong
    ? new TransientError(codeFor(status), summary, response.url.host, details, { waitMs })
    : new ErofsWasmError(codeFor(status), summary, details);
}

/** What to do about missing or wrong credentials. */
export function credentialsHint({ host, credentials }: Asker): string {
  return isNobody(credentials)
    ? `no credentials for ${host}: ${credentials.origin}`
    : `the credentials for ${host} come from ${credentials.origin}`;
}

function codeFor(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'E_AUTH';
  if (status === 404) return 'E_NOT_FOUND';
  return status === 429 ? 'E_RATE_LIMIT' : 'E_HTTP';
}

function meaning(status: number): string {
  if (status === 401) return 'wants other credentials (401)';
  if (status === 403) return 'denies access (403)';
  if (status === 404) return 'does not have it (404)';
  return status === 429 ? 'limits the number of requests (429)' : `answered with ${status}`;
}

function hintFor(
  { status, url: { protocol } }: HttpResponse,
  asker: Asker,
  limit: RateLimit,
): { hint?: string } {
  if (status === 401 || status === 403) return { hint: credentialsHint(asker) };
  const isAnonymous = asker.credentials.login === undefined;
  if (status === 404 && isAnonymous)
    return { hint: `it does not exist, or is private; ${credentialsHint(asker)}` };
  if (status === 400 && protocol === 'http:')
    return { hint: 'it may speak https only: leave out --plain-http and `http://`' };
  if (status !== 429 && limit.waitMs === undefined) return {};
  const which = limit.text === '' ? '' : `${limit.text}; `;
  const more = status === 429 && isAnonymous ? '; a login may raise the limit' : '';
  return { hint: `${which}try again ${whenText(limit.waitMs)}${more}` };
}

function whenText(waitMs: number | undefined): string {
  if (waitMs === undefined) return 'later';
  const time = new Date(Date.now() + waitMs);
  const clock = Number.isNaN(time.getTime()) ? '' : `, at ${time.toISOString().slice(0, 19)}Z`;
  return `in ${Math.ceil(waitMs / 1000)} seconds${clock}`;
}

/** The registry's own code and message (distribution-spec, "Error Codes"), made harmless; reads the body. */
export async function complaint(
  response: HttpResponse,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<string> {
  const text = await readSome(response, signal);
  const said = /^\s*</.test(text) ? 'a web page' : (registryMessage(text) ?? text.trim());
  // Redacted before it is cut, so that no part of a secret stays at the end.
  return plainText(secrets.redact(said), MOST_QUOTED);
}

async function readSome(response: HttpResponse, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of streamBody(response, signal)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MOST_READ) break;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    // The status tells enough where its explanation is cut off.
  }
  return Buffer.concat(chunks).toString('utf8');
}

function registryMessage(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const first = Array.isArray(field(body, 'errors'))
    ? (field(body, 'errors') as unknown[])[0]
    : body;
  const parts = ['code', 'message', 'details', 'error_description']
    .map((key) => field(first, key))
    .filter((part): part is string => typeof part === 'string' && part !== '');
  return parts.length === 0 ? undefined : parts.join(': ');
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
