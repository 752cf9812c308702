/** Trying again after failures that may pass: when, and how long to wait in between. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ErofsWasmError, type ErrorCode, type ErrorDetails } from '../../../errors.ts';
import { abortError, checkAborted } from '../../abort.ts';
import type { OnRetry } from '../../source.ts';
import { LEAST_ATTEMPTS, MOST_ATTEMPTS, MOST_RETRIES, type Timing } from './timing.ts';

/** What is known of the next attempt. */
interface RetryAdvice {
  readonly waitMs?: number | undefined;
  readonly mostTries?: number;
}

/** A failure that another attempt may not meet again. */
export class TransientError extends ErofsWasmError {
  /** Who failed. */
  readonly host: string;
  /** How long the server asked to wait, where it did. */
  readonly waitMs: number | undefined;
  /** Tries after which it is taken for lasting. */
  readonly mostTries: number;

  constructor(
    code: ErrorCode,
    summary: string,
    host: string,
    details: ErrorDetails,
    { waitMs, mostTries = Number.POSITIVE_INFINITY }: RetryAdvice = {},
  ) {
    super(code, summary, details);
    this.host = host;
    this.waitMs = waitMs;
    this.mostTries = mostTries;
  }
}

/** Failures of all requests together that may be tried again, those after progress not counted. */
export class RetryBudget {
  #left: number;

  constructor(most: number = MOST_RETRIES) {
    this.#left = most;
  }

  /** Takes one; false where none is left. */
  spend(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/** How often and how long to try, and who hears of it. */
export interface Patience {
  readonly timing: Timing;
  readonly budget: RetryBudget;
  readonly onRetry: OnRetry;
}

/** Runs the operation until it succeeds, fails for good, or has failed too often. */
export async function withRetries<T>(
  operation: () => Promise<T>,
  patience: Patience,
  signal: AbortSignal,
): Promise<T> {
  const started = performance.now();
  for (let failures = 1; ; failures += 1) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof TransientError) || failures >= MOST_ATTEMPTS) throw error;
      if (isHopeless(error, failures, started, patience) || !patience.budget.spend()) throw error;
      await pauseAfter(error, failures, patience, signal);
    }
  }
}

/** Whether there were tries enough of this kind, or the time for them is over: two are made in any case. */
export function isHopeless(
  { mostTries }: TransientError,
  failures: number,
  started: number,
  { timing: { giveUpMs } }: Patience,
): boolean {
  if (failures >= mostTries) return true;
  return failures >= LEAST_ATTEMPTS && performance.now() - started >= giveUpMs;
}

/** Waits as long as the server asked, or a random time that grows with each failure (from 1). */
export async function pauseAfter(
  error: TransientError,
  failures: number,
  { timing: { backoffBaseMs, backoffCapMs }, onRetry }: Patience,
  signal: AbortSignal,
): Promise<void> {
  const ceiling = Math.min(backoffCapMs, backoffBaseMs * 2 ** (failures - 1));
  const waitMs = error.waitMs ?? Math.random() * ceiling;
  checkAborted(signal);
  onRetry({ host: error.host, message: error.message, attempt: failures, waitMs });
  try {
    await sleep(waitMs, undefined, { signal });
  } catch {
    throw abortError(signal);
  }
}

/** `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^-?\d{1,12}$/.test(text)) return Math.max(Number(text) * 1000, 0);
  const date = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
