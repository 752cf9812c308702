/** HTTP exchanges over undici's dispatchers: plain bytes, no redirects, no decoding, every failure a typed error. */

import { setMaxListeners } from 'node:events';
import type { Dispatcher } from 'undici';
import { collect } from '../../content-store.ts';
import type { Timing } from '../transfer/timing.ts';
import { Connections, type TransportSettings } from './connections.ts';
import { describeUrl } from './describe-url.ts';
import { networkError } from './network-error.ts';
import { Pace } from './pace.ts';

export interface HttpResponse {
  readonly url: URL;
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Dispatcher.ResponseData['body'];
  /** What the reading of the body has to keep to. */
  readonly pace: Pace | undefined;
}

export type RequestHeaders = Readonly<Record<string, string>>;

export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers?: RequestHeaders;
  readonly body?: string;
}

/** An unwanted body up to this size is read, to keep its connection; a longer one is cut. */
const MOST_DISCARDED = 64 * 1024;

/** Sends requests; owns its connections. */
export class HttpTransport {
  readonly #connections: Connections;
  readonly #pace: Pace | undefined;

  constructor(settings: TransportSettings, timing: Timing) {
    this.#connections = new Connections(settings, timing);
    this.#pace = settings.limitRate === undefined ? undefined : new Pace(settings.limitRate);
  }

  /** One exchange. Throws `E_NETWORK`, `E_POLICY`, `E_ABORTED`. The body must be read or discarded. */
  async send(
    { method = 'GET', url, headers = {}, body: sent }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    // Each layer that is read at once listens to the one signal of the build: many listeners are no leak here.
    setMaxListeners(0, signal);
    try {
      const dispatcher = this.#connections.to(url);
      const {
        statusCode,
        headers: got,
        body,
      } = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        ...(sent === undefined ? {} : { body: sent }),
        // Digests are of the stored bytes: a coding on the way would change them.
        headers: { 'accept-encoding': 'identity', 'user-agent': 'erofs-wasm', ...headers },
        signal,
      });
      // A body that fails while nobody reads it must not end the process.
      body.on('error', () => undefined);
      return { url, status: statusCode, headers: got, body, pace: this.#pace };
    } catch (error) {
      throw networkError(error, url, signal);
    }
  }

  /** Closes every connection, also those in use. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

/** The values of a header that may come several times. */
export function headerValues({ headers }: HttpResponse, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** The first value of a header. */
export function headerValue(response: HttpResponse, name: string): string | undefined {
  return headerValues(response, name)[0];
}

/** Gets rid of a body that nobody reads, so that its connection is free again. */
export async function discardBody({ body }: HttpResponse, signal: AbortSignal): Promise<void> {
  await body.dump({ limit: MOST_DISCARDED, signal }).catch(() => undefined);
}

/** The whole body. Throws what `tooMany` makes above `limit` bytes, at once where they are announced; else `E_NETWORK`, `E_ABORTED`. */
export async function readBody(
  response: HttpResponse,
  limit: number,
  tooMany: (place: string) => Error,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const place = describeUrl(response.url);
  const announced = Number(headerValue(response, 'content-length') ?? 0);
  if (announced > limit) {
    response.body.destroy();
    throw tooMany(place);
  }
  return collect(streamBody(response, signal), limit, () => tooMany(place));
}

/** The body in pieces, at the pace that is kept to. Leaving the iteration closes the connection. */
export async function* streamBody(
  response: HttpResponse,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of arrivingBody(response, signal)) {
    await response.pace?.take(chunk.length, signal);
    yield chunk;
  }
}

/** The body in pieces as the server sends them; whoever takes them keeps to the pace. */
export async function* arrivingBody(
  { body, url }: HttpResponse,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw networkError(error, url, signal);
  } finally {
    body.destroy();
  }
}
