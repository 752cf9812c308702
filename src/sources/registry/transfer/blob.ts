/** Reads a blob through broken connections: a cut body goes on from its last byte (RFC 9110, section 14). */

import { ErofsWasmError } from '../../../errors.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { parseDigest } from '../../../oci/digest.ts';
import type { RegistryClient } from '../client.ts';
import { describeUrl } from '../http/describe-url.ts';
import {
  discardBody,
  type HttpResponse,
  headerValue,
  type RequestHeaders,
  streamBody,
} from '../http/transport.ts';
import { pauseAfter, TransientError } from './retry.ts';
import { MOST_ATTEMPTS } from './timing.ts';

/** Less than this between two failures is no progress; else a server could drip a byte an attempt for ever. */
const REAL_PROGRESS = 256 * 1024;

/** How to read a blob. */
export interface BlobReading {
  /** First byte to read; 0 by default. */
  readonly from?: number | undefined;
  /** After wrong bytes: without ranges, which some servers get wrong, and past caches that may hold them. */
  readonly isClean?: boolean;
}

/** The stored bytes from `from` on, exactly as many as declared; their digest is for the reader to check. */
export async function* readBlob(
  client: RegistryClient,
  descriptor: Descriptor,
  signal: AbortSignal,
  { from = 0, isClean = false }: BlobReading = {},
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  parseDigest(digest, 'layer');
  const download = new Download(client, digest, size, isClean);
  download.offset = from;
  let failures = 0;
  for (let mark = from; download.offset < size; ) {
    try {
      yield* download.resume(signal);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      failures = download.offset - mark >= REAL_PROGRESS ? 1 : failures + 1;
      if (failures >= MOST_ATTEMPTS) throw error;
      mark = download.offset;
      await pauseAfter(error, failures, client.patience, signal);
    }
  }
}

class Download {
  readonly #client: RegistryClient;
  readonly #digest: string;
  readonly #size: number;
  /** False once the server has shown that it cannot send a part. */
  #ranges: boolean;
  readonly #isClean: boolean;
  /** Bytes handed on so far. */
  offset = 0;

  constructor(client: RegistryClient, digest: string, size: number, isClean: boolean) {
    this.#client = client;
    this.#digest = digest;
    this.#size = size;
    this.#isClean = isClean;
    this.#ranges = !isClean;
  }

  /** The rest from `offset`, as far as this connection carries. Throws {@link TransientError} to be called again. */
  async *resume(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    // A closed range: some registries answer 416 to an open one.
    const range =
      this.offset > 0 && this.#ranges ? `bytes=${this.offset}-${this.#size - 1}` : undefined;
    const response = await this.#client.getBlob(this.#digest, this.#headers(range), signal);
    let skip = await this.#bytesToSkip(response, signal);
    for await (const chunk of streamBody(response, signal)) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (this.offset + fresh.length > this.#size) throw this.#tooLong(response);
      this.offset += fresh.length;
      if (fresh.length > 0) yield fresh;
    }
    // A body that only the end of the connection delimits is cut without any error.
    if (this.offset < this.#size)
      throw new TransientError(
        'E_TRUNCATED',
        `the answer ended at byte ${this.offset} of ${this.#size}`,
        response.url.host,
        { place: describeUrl(response.url) },
      );
  }

  #headers(range: string | undefined): RequestHeaders {
    return {
      ...(range === undefined ? {} : { range }),
      ...(this.#isClean ? { 'cache-control': 'no-cache' } : {}),
    };
  }

  /** How many bytes of the body are known already; refuses a response that cannot be this blob. */
  async #bytesToSkip(response: HttpResponse, signal: AbortSignal): Promise<number> {
    if (response.status === 200) {
      await this.#checkLength(response, signal);
      return this.offset;
    }
    if (response.status === 206 && this.#startsRight(response)) return 0;
    if (response.status !== 206 && response.status !== 416)
      throw await this.#client.failure(response, signal);
    this.#ranges = false;
    await discardBody(response, signal);
    throw new TransientError(
      'E_HTTP',
      'the server sent another part than was asked for',
      response.url.host,
      {
        place: describeUrl(response.url),
      },
    );
  }

  async #checkLength(response: HttpResponse, signal: AbortSignal): Promise<void> {
    const stated = headerValue(response, 'content-length');
    if (stated === undefined || Number(stated) === this.#size) return;
    await discardBody(response, signal);
    const type = headerValue(response, 'content-type') ?? '';
    const page = /html/i.test(type) ? ', in a web page' : '';
    throw new ErofsWasmError(
      'E_SIZE',
      `the server sends ${Number(stated)} bytes${page}, the manifest says ${this.#size}`,
      { place: describeUrl(response.url) },
    );
  }

  #startsRight(response: HttpResponse): boolean {
    const range = headerValue(response, 'content-range') ?? '';
    const [, start, total] = /^bytes (\d{1,16})-\d{1,16}\/(\d{1,16}|\*)$/.exec(range) ?? [];
    if (start === undefined || Number(start) !== this.offset) return false;
    return total === '*' || Number(total) === this.#size;
  }

  #tooLong(response: HttpResponse): ErofsWasmError {
    return new ErofsWasmError('E_SIZE', `the server sends more than ${this.#size} bytes`, {
      place: describeUrl(response.url),
    });
  }
}
