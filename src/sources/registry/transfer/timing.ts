/** How long the registry client waits, and how often it tries. Tests shorten these, nothing else changes them. */

export interface Timing {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyIdleMs: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  readonly longestRetryAfterMs: number;
  readonly missingMs: number;
  readonly slowMs: number;
  readonly enoughBytesPerSecond: number;
  readonly giveUpMs: number;
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
  // A blob that is not there although its manifest is may be on its way between a registry's own servers.
  missingMs: 1000,
  // As long as a connection may hardly move.
  slowMs: 60_000,
  // Half of a gigabit a second, and about what one thread unpacks: more connections only cost then, as measured.
  enoughBytesPerSecond: 64_000_000,
  // After this long without success no further attempt begins. Only a registry that is not the last to ask has an end.
  giveUpMs: Number.POSITIVE_INFINITY,
};

/** Tries of one request before time alone ends them: one may have met a server that was just being replaced. */
export const LEAST_ATTEMPTS = 2;

/** Tries of one request before the failure is final: half a minute of backoff, on average. */
export const MOST_ATTEMPTS = 6;

/** Tries of a blob that get nowhere, one after the other: a minute, enough for a frontend to be replaced. */
export const MOST_BLOB_ATTEMPTS = 8;

/** Tries of one of several parts; after them one stream goes on, with tries of its own. */
export const MOST_PART_ATTEMPTS = 3;

/** Tries of all requests to one registry together: a build of hundreds of layers must not try each of them for ever. */
export const MOST_RETRIES = 200;
