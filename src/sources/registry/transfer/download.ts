/** One stretch of a blob over as many connections as it takes; each goes on where the last one ended. */

import { ErofsWasmError, errorWithin } from '../../../errors.ts';
import { describeUrl } from '../http/describe-url.ts';
import {
  discardBody,
  type HttpResponse,
  headerValue,
  type RequestHeaders,
} from '../http/transport.ts';
import type { BlobCare } from './blob-care.ts';
import type { BlobOrigin } from './blob-origin.ts';
import { parseContentRange } from './content-range.ts';
import { decodeBody } from './decode-body.ts';
import { isHopeless, pauseAfter, TransientError } from './retry.ts';
import { steadyBody } from './steady-body.ts';
import { MOST_BLOB_ATTEMPTS, MOST_PART_ATTEMPTS } from './timing.ts';

/** Less than this between two failures is no progress; else a server could drip a byte an attempt for ever. */
const REAL_PROGRESS = 256 * 1024;

/** A server that cannot send a part sends everything again after each cut; this many times at most. */
const MOST_REPEATS = 8;

/** A layer that is wrongly labelled as a web page, and was cut, has mostly come further. */
const LONGEST_PAGE = 64 * 1024;

/** The server does not send parts of this blob, or not so many at once. */
export class PartRefusedError extends ErofsWasmError {}

/** What of which blob is read. */
export interface Stretch {
  readonly digest: string;
  readonly size: number;
  /** First byte. */
  readonly from: number;
  /** The byte behind the last one; `size` by default. */
  readonly end?: number;
}

/** How the attempts went so far. */
interface Course {
  /** Since there was progress. */
  readonly failures: number;
  /** Whether the last attempt made progress. */
  readonly getsOn: boolean;
  /** When there was progress, or the beginning. */
  readonly since: number;
}

/** A body that was found to be of this blob. */
interface Answer {
  readonly response: HttpResponse;
  /** Bytes at its start that are here already. */
  readonly skip: number;
  /** How far it goes. */
  readonly end: number;
  /** The coding to undo, if any. */
  readonly coding?: string;
  /** True where its bytes may be coded, so that their number says nothing. */
  readonly isDoubtful: boolean;
}

export class Download {
  /** Bytes of the blob up to here were handed on. */
  offset: number;
  /** Where the stretch ends: the end of the blob, once a server sent all of it instead of its start. */
  end: number;
  readonly #origin: BlobOrigin;
  readonly #stretch: Stretch;
  readonly #care: BlobCare;
  /** False once the server has shown that it cannot send a part. */
  #ranges: boolean;
  /** True for one of several stretches. */
  #isPart: boolean;
  #repeats = 0;
  #wasMissing = false;

  constructor(origin: BlobOrigin, stretch: Stretch, care: BlobCare) {
    this.#origin = origin;
    this.#stretch = stretch;
    this.#care = care;
    this.#ranges = !care.isClean && !care.decodes;
    this.offset = stretch.from;
    this.end = stretch.end ?? stretch.size;
    this.#isPart = stretch.end !== undefined;
  }

  /** All of the stretch, tried again while that gets on. Throws what the last attempt met, with where that was. */
  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { patience } = this.#origin;
    let failures = 0;
    let since = performance.now();
    for (let mark = this.offset; this.offset < this.end; mark = this.offset) {
      try {
        yield* this.#resume(signal);
      } catch (error) {
        const getsOn = this.offset - mark >= REAL_PROGRESS;
        failures = getsOn ? 1 : failures + 1;
        if (getsOn) since = performance.now();
        if (!this.#mayTryAgain(error, { failures, getsOn, since })) throw this.#located(error);
        await pauseAfter(error, failures, patience, signal);
      }
    }
  }

  #mayTryAgain(error: unknown, { failures, getsOn, since }: Course): error is TransientError {
    if (!(error instanceof TransientError)) return false;
    // A server that is asked too much is asked less, not again: the stretches make room for one stream.
    if (this.#isPart && (error.code === 'E_HTTP' || error.code === 'E_RATE_LIMIT')) return false;
    if (failures >= (this.#isPart ? MOST_PART_ATTEMPTS : MOST_BLOB_ATTEMPTS)) return false;
    const { patience } = this.#origin;
    if (isHopeless(error, failures, since, patience)) return false;
    return getsOn || patience.budget.spend();
  }

  /** As far as one connection carries. Throws {@link TransientError} to be called again. */
  async *#resume(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const answer = await this.#ask(signal);
    const { isDoubtful } = answer;
    const start = this.offset;
    let { skip } = answer;
    for await (const chunk of this.#bodyOf(answer, signal)) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (this.offset + fresh.length > this.end && !isDoubtful) throw this.#tooLong(answer);
      this.offset += fresh.length;
      if (fresh.length > 0) yield fresh;
      if (this.offset > this.end) return;
    }
    // Whoever compares the digest rejects what came, and it is decoded.
    if (isDoubtful) this.end = this.offset;
    // A body that only the end of the connection delimits is cut without any error.
    if (this.offset < answer.end) throw this.#endedEarly(answer, this.offset - start);
    // RFC 9110, section 15.3.7: a server may send less than the part that was asked for.
    if (this.offset < this.end && this.offset - start < REAL_PROGRESS)
      throw this.#endedEarly(answer, this.offset - start);
  }

  async #ask(signal: AbortSignal): Promise<Answer> {
    const wantsPart = this.#ranges && (this.offset > 0 || this.end < this.#stretch.size);
    // A closed range: some registries answer 416 to an open one.
    const range = wantsPart ? `bytes=${this.offset}-${this.end - 1}` : undefined;
    const response = await this.#origin.get(this.#headers(range), signal);
    this.#care.coding = (headerValue(response, 'content-encoding') ?? '').trim().toLowerCase();
    if (this.#care.coding === 'identity') this.#care.coding = '';
    if (response.status === 200) return this.#whole(response, signal);
    if (response.status === 206) return this.#part(response, wantsPart, signal);
    if (response.status === 416) return this.#refusePart(response, signal);
    throw await this.#failure(response, signal);
  }

  #headers(range: string | undefined): RequestHeaders {
    return {
      ...(range === undefined ? {} : { range }),
      ...(this.#care.isClean ? { 'cache-control': 'no-cache' } : {}),
    };
  }

  async #whole(response: HttpResponse, signal: AbortSignal): Promise<Answer> {
    const { size, from } = this.#stretch;
    if (this.#isPart && from > 0) return this.#refusePart(response, signal);
    if (this.offset > 0 && ++this.#repeats > MOST_REPEATS) {
      response.body.destroy();
      throw this.#refusal(response);
    }
    this.end = size;
    this.#isPart = false;
    const { coding, decodes } = this.#care;
    const stated = headerValue(response, 'content-length');
    const isOther = stated !== undefined && Number(stated) !== size;
    const answer = { response, skip: this.offset, end: size, isDoubtful: false };
    if (coding === '') {
      if (isOther) await this.#refuseLength(response, Number(stated), signal);
      return answer;
    }
    // Ranges may be of the coded bytes or of the others: nobody knows which.
    this.#ranges = false;
    if (isOther || decodes) return { ...answer, coding };
    return { ...answer, isDoubtful: stated === undefined };
  }

  async #part(response: HttpResponse, wasAsked: boolean, signal: AbortSignal): Promise<Answer> {
    const range = parseContentRange(headerValue(response, 'content-range') ?? '');
    const start = wasAsked ? this.offset : 0;
    const { size } = this.#stretch;
    const isRight =
      range?.start === start && range.end <= this.end && (range.total ?? size) === size;
    if (!isRight || this.#care.coding !== '') return this.#refusePart(response, signal);
    return { response, skip: this.offset - start, end: range.end, isDoubtful: false };
  }

  #bodyOf({ response, coding }: Answer, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const body = steadyBody(response, this.#origin.patience.timing, signal);
    return coding === undefined ? body : decodeBody(body, coding, response.url);
  }

  async #refusePart(response: HttpResponse, signal: AbortSignal): Promise<never> {
    this.#ranges = false;
    await discardBody(response, signal);
    throw this.#refusal(response);
  }

  #refusal({ url }: HttpResponse): ErofsWasmError {
    const summary = 'the server sent another part than was asked for';
    const place = describeUrl(url);
    if (this.#isPart) return new PartRefusedError('E_HTTP', summary, { place });
    if (this.#repeats > MOST_REPEATS) return new ErofsWasmError('E_HTTP', summary, { place });
    return new TransientError('E_HTTP', summary, url.host, { place });
  }

  /** A blob may follow its manifest (eventual consistency), so that it is asked for once more. */
  async #failure(response: HttpResponse, signal: AbortSignal): Promise<ErofsWasmError> {
    const error = await this.#origin.failure(response, signal);
    if (error.code !== 'E_NOT_FOUND' || !this.#origin.mayAppear || this.#wasMissing) return error;
    this.#wasMissing = true;
    const { place, hint } = error;
    const details = {
      ...(place === undefined ? {} : { place }),
      ...(hint === undefined ? {} : { hint }),
    };
    const { missingMs } = this.#origin.patience.timing;
    return new TransientError(error.code, error.summary, response.url.host, details, {
      waitMs: missingMs,
    });
  }

  async #refuseLength(response: HttpResponse, stated: number, signal: AbortSignal): Promise<never> {
    await discardBody(response, signal);
    const page = isWebPage(response) ? ', in a web page' : '';
    const { size } = this.#stretch;
    const summary = `the server sends ${stated} bytes${page}, the manifest says ${size}`;
    throw new ErofsWasmError('E_SIZE', summary, { place: describeUrl(response.url) });
  }

  #tooLong({ response }: Answer): ErofsWasmError {
    const place = describeUrl(response.url);
    if (this.#isPart)
      return new PartRefusedError('E_SIZE', 'the server sends more than was asked for', { place });
    const summary = `the server sends more than ${this.#stretch.size} bytes`;
    return new ErofsWasmError('E_SIZE', summary, { place });
  }

  #endedEarly({ response, end }: Answer, length: number): ErofsWasmError {
    const { url } = response;
    const place = describeUrl(url);
    if (isWebPage(response) && length < LONGEST_PAGE)
      return new ErofsWasmError('E_SIZE', `the server sends a web page of ${length} bytes`, {
        place,
        hint: 'something between here and the registry wants to be seen in a browser',
      });
    const summary = `the answer ended at byte ${this.offset} of ${end}`;
    return new TransientError('E_TRUNCATED', summary, url.host, { place });
  }

  /** With what a person needs to ask the registry's people: which blob, how far, and from where. */
  #located(error: unknown): unknown {
    if (!(error instanceof ErofsWasmError) || error.code === 'E_ABORTED') return error;
    const makesRoom = error instanceof TransientError || error instanceof PartRefusedError;
    if (this.#isPart && makesRoom) return error;
    const { digest, size } = this.#stretch;
    const blob = `blob ${digest}, byte ${this.offset} of ${size}, from ${this.#origin.host}`;
    return errorWithin(blob, error);
  }
}

function isWebPage(response: HttpResponse): boolean {
  return /html/i.test(headerValue(response, 'content-type') ?? '');
}
