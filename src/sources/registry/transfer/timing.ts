/** How long the registry client waits, and how often it tries. Tests shorten these, nothing else changes them. */

export interface Timing {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyIdleMs: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  readonly longestRetryAfterMs: number;
}

export const DEFAULT_TIMING: Timing = {
  // A handshake across the world takes under a second; three lost packets are retried within ten.
  connectMs: 10_000,
  // Some registries look a manifest up in a remote upstream before they answer.
  headersMs: 60_000,
  // Between two pieces of a body; a slow line is fine, a dead one is not. There is no limit on the whole.
  bodyIdleMs: 60_000,
  // Doubles with each failure up to the cap, and a random part of it is waited ("full jitter").
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  // A registry that asks for more patience than this is out of quota: failing at once says so sooner.
  longestRetryAfterMs: 60_000,
};

/** Tries of one request, or of one stretch of a blob, before the failure is final. */
export const MOST_ATTEMPTS = 5;
