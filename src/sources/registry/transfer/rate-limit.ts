/** What a server says about how often it may be asked: when to come back, and which limit was met. */

import { plainText } from '../../../oci/quote.ts';
import { type HttpResponse, headerValue } from '../http/transport.ts';
import { parseRetryAfter } from './retry.ts';

export interface RateLimit {
  /** Milliseconds until another attempt makes sense, where that is said. */
  readonly waitMs: number | undefined;
  /** The limit in words, or empty. */
  readonly text: string;
}

/** Resets above this are a point in time; a wait of thirty years is none. */
const FIRST_EPOCH_S = 1_000_000_000;

/** An address or a name; Docker Hub says there whose pulls it counted together. */
const LONGEST_SOURCE = 100;

/** Docker Hub's headers, and those of others that mean the same. `now` is milliseconds on the clock. */
export function readRateLimit(response: HttpResponse, now: number): RateLimit {
  const limit = parseQuota(headerValue(response, 'ratelimit-limit'));
  const remaining = parseQuota(headerValue(response, 'ratelimit-remaining'));
  const source = headerValue(response, 'docker-ratelimit-source');
  const asked =
    parseRetryAfter(headerValue(response, 'retry-after'), now) ??
    parseCount(headerValue(response, 'retry-after-ms'));
  // With requests left it is another limit that was met, which passes sooner.
  const isSpent = remaining === undefined || remaining.count === 0;
  const reset = isSpent ? untilReset(response, now) : undefined;
  const window = remaining?.count === 0 ? (remaining.windowS ?? limit?.windowS) : undefined;
  const waitMs = asked ?? reset ?? (window === undefined ? undefined : window * 1000);
  const parts = [
    limit === undefined ? '' : `limit ${limit.count}${inWindow(limit.windowS)}`,
    remaining === undefined ? '' : `${remaining.count} left`,
    source === undefined ? '' : `counted for ${plainText(source, LONGEST_SOURCE)}`,
  ];
  return { waitMs, text: parts.filter((part) => part !== '').join(', ') };
}

/** `100;w=21600`: so many in so many seconds. */
function parseQuota(
  value: string | undefined,
): { readonly count: number; readonly windowS?: number } | undefined {
  const match = /^\s*(\d{1,12})(?:\s*;\s*w=(\d{1,9}))?/.exec(value ?? '');
  if (match === null) return undefined;
  const count = Number(match[1]);
  return match[2] === undefined ? { count } : { count, windowS: Number(match[2]) };
}

function parseCount(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}

/** Seconds from now, or since 1970: both are in use under the same names. */
function untilReset(response: HttpResponse, now: number): number | undefined {
  const value =
    headerValue(response, 'ratelimit-reset') ?? headerValue(response, 'x-ratelimit-reset');
  const seconds = parseCount(value);
  if (seconds === undefined) return undefined;
  return seconds < FIRST_EPOCH_S ? seconds * 1000 : Math.max(0, seconds * 1000 - now);
}

function inWindow(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  return seconds % 3600 === 0 ? ` in ${seconds / 3600} h` : ` in ${seconds} s`;
}
