/** What is known of the mirrors of a run: which are out, which lied about what, and what was told of it. */

import { ErofsWasmError, type ErrorCode } from '../../../errors.ts';
import { plainText } from '../../../oci/quote.ts';
import type { SourceNotice } from '../../source.ts';
import { TransientError } from '../transfer/retry.ts';
import type { Place } from './places.ts';

/** Longest account of one mirror's failure in the error of the primary. */
const LONGEST_ACCOUNT = 160;

/** Mirrors whose failures an error names; the rest are counted. */
const MOST_ACCOUNTS = 4;

/** A mirror that fails so will fail at the next piece of content too. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  ...(['E_NETWORK', 'E_AUTH', 'E_CREDENTIALS', 'E_POLICY', 'E_RATE_LIMIT'] as const),
]);

export class MirrorHealth {
  readonly #notice: SourceNotice;
  readonly #out = new Set<Place>();
  readonly #liars = new Map<string, Set<Place>>();
  readonly #told = new Set<string>();
  readonly #last = new Map<Place, string>();

  constructor(notice: SourceNotice) {
    this.#notice = notice;
  }

  /** Whether a place may be asked for the content of a digest, or with `undefined` for what a tag means. */
  mayAsk(place: Place, digest: string | undefined): boolean {
    if (!place.isMirror) return true;
    if (this.#out.has(place) || (digest === undefined && place.digestOnly)) return false;
    return digest === undefined || this.#liars.get(digest)?.has(place) !== true;
  }

  /** Remembers a mirror's failure, and tells of it once for each reason. */
  failed(place: Place, error: ErofsWasmError): void {
    if (error instanceof TransientError || LASTING.has(error.code)) this.#out.add(place);
    this.#last.set(place, `${place.host}: ${plainText(error.summary, LONGEST_ACCOUNT)}`);
    const key = `${place.host} ${place.path} ${error.code} ${error.summary}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#notice({
      code: 'mirror-failed',
      message: `the mirror ${place.host} is passed over: ${error.message}`,
    });
  }

  /** Remembers that a mirror sent other bytes than the digest names. */
  lied(place: Place, digest: string): void {
    const liars = this.#liars.get(digest) ?? new Set();
    this.#liars.set(digest, liars.add(place));
    this.failed(
      place,
      new ErofsWasmError('E_DIGEST', `the mirror ${place.host} sent other content than ${digest}`, {
        place: `${place.host}/${place.path}`,
      }),
    );
  }

  /** The primary's error, which counts, with what the mirrors said before it. */
  account(error: ErofsWasmError): ErofsWasmError {
    if (this.#last.size === 0) return error;
    const accounts = [...this.#last.values()];
    const more = accounts.length - MOST_ACCOUNTS;
    const said = accounts.slice(0, MOST_ACCOUNTS).join('; ');
    const mirrors = `its mirrors failed before: ${said}${more > 0 ? `; and ${more} more` : ''}`;
    const full = new ErofsWasmError(error.code, error.summary, {
      ...(error.place === undefined ? {} : { place: error.place }),
      hint: error.hint === undefined ? mirrors : `${error.hint}; ${mirrors}`,
      cause: error,
    });
    return full;
  }
}
