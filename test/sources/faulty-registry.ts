/** A registry on a loopback port that serves a sample and misbehaves where a test tells it to. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolveLimits } from '../../src/limits.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { SourceContext, SourceOptions } from '../../src/sources/options.ts';
import { openRegistry } from '../../src/sources/registry/registry.ts';
import { DEFAULT_TIMING, type Timing } from '../../src/sources/registry/transfer/timing.ts';
import type { SampleDescriptor, SampleStore } from './sample-image.ts';

/** Answers a request instead of the registry; false leaves it to the registry. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly acceptEncoding: string | undefined;
}

export interface FaultyRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  /** Requests in order, without the probe for https. */
  readonly seen: SeenRequest[];
  /** Set by each test. */
  fault: Fault;
  close(): Promise<void>;
}

/** Waits of milliseconds instead of seconds. */
export const FAST: Timing = { ...DEFAULT_TIMING, bodyIdleMs: 1000, backoffBaseMs: 2, missingMs: 5 };

/** Starts a server for the blobs of `store`; any tag means `root`. */
export async function startFaultyRegistry(
  store: SampleStore,
  root: SampleDescriptor,
): Promise<FaultyRegistry> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { authorization, range, 'accept-encoding': acceptEncoding } = request.headers;
    seen.push({ path: request.url ?? '', authorization, range, acceptEncoding });
    if (!registry.fault(request, response)) serve(store, root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const registry: FaultyRegistry = {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    seen,
    fault: () => false,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return registry;
}

function serve(
  store: SampleStore,
  root: SampleDescriptor,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, kind, name = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? '') ?? [];
  const blob = store.blobs.get(name.includes(':') ? name : root.digest);
  if (kind === undefined || blob === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'unknown' }] }));
    return;
  }
  const type = kind === 'blobs' ? 'application/octet-stream' : mediaTypeOf(blob);
  sendRange(blob, type, request, response);
}

function mediaTypeOf(blob: Buffer): string {
  const { mediaType } = JSON.parse(blob.toString('utf8')) as { mediaType?: string };
  return mediaType ?? 'application/json';
}

/** Sends a blob or the part of it that is asked for, as RFC 9110 has it. */
export function sendRange(
  blob: Buffer,
  type: string,
  request: IncomingMessage,
  response: ServerResponse,
): true {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) {
    response.writeHead(200, { 'content-type': type, 'content-length': blob.length });
    response.end(blob);
    return true;
  }
  const part = blob.subarray(Number(start), Number(end) + 1);
  response.writeHead(206, {
    'content-type': type,
    'content-length': part.length,
    'content-range': `bytes ${start}-${end}/${blob.length}`,
  });
  response.end(part);
  return true;
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | string[]>> = {},
): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

/** Opens `HOST/team/app:tag` for amd64 without waiting long for anything; `at` is `:tag` or `@digest`. */
export async function openFast(
  { host }: FaultyRegistry,
  options: SourceOptions = {},
  at = ':tag',
  timing: Timing = FAST,
): Promise<Awaited<ReturnType<typeof openRegistry>>> {
  const context: SourceContext = {
    request: { platform: parsePlatform(options.platform ?? 'linux/amd64'), explicit: true },
    limits: resolveLimits(options.limits),
    signal: options.signal ?? new AbortController().signal,
    notice: options.notice ?? (() => undefined),
    onRetry: options.onRetry ?? (() => undefined),
  };
  return openRegistry(parseReference(`${host}/team/app${at}`), options, context, timing);
}
