/** A fault in one of five requests, the same ones each time. */

import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Fault, sendJson } from '../../sources/faulty-registry.ts';
import type { SampleStore } from '../../sources/sample-image.ts';

type Break = (response: ServerResponse, blob: Buffer) => void;

const now = { 'retry-after': '0' };

const TRANSIENT: Readonly<Record<string, Break>> = {
  reset: (response) => response.destroy(),
  'cut before its headers end': (response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\ncontent-le');
  },
  'cut in its body': (response, blob) => {
    response.writeHead(200, { 'content-length': blob.length });
    response.write(blob.subarray(0, blob.length / 2), () => response.destroy());
  },
  'cut in a chunked body': (response, blob) => {
    response.writeHead(200);
    response.write(blob.subarray(0, blob.length / 3), () => response.destroy());
  },
  'status 500': (response) => sendJson(response, 500, { errors: [{ code: 'UNKNOWN' }] }),
  'status 503': (response) => sendJson(response, 503, {}, now),
  'status 429': (response) =>
    sendJson(response, 429, { errors: [{ code: 'TOOMANYREQUESTS' }] }, now),
  'page of a proxy': (response) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end('<html><h1>Bad gateway</h1></html>');
  },
};

/** Such a copy is read once more and no oftener. */
const wrongBytes: Break = (response, blob) => {
  const copy = Buffer.from(blob);
  copy[copy.length >> 1]! ^= 1;
  response.writeHead(200, { 'content-length': copy.length });
  response.end(copy);
};

export interface OneInFive {
  readonly fault: Fault;
  /** How often each kind of fault came. */
  readonly counts: ReadonlyMap<string, number>;
  requests(): number;
}

/** Faults for the blobs of `store`; `seed` decides by the path of a request, and how often it was asked for. */
export function oneInFive(seed: string, store: SampleStore): OneInFive {
  const counts = new Map<string, number>();
  const asked = new Map<string, number>();
  const spoiled = new Set<string>();
  let requests = 0;
  const fault: Fault = ({ url = '' }, response) => {
    requests += 1;
    const times = (asked.get(url) ?? 0) + 1;
    asked.set(url, times);
    const dice = createHash('sha256').update(`${seed} ${url} ${times}`).digest();
    if (dice[0]! % 5 !== 0) return false;
    const blob = store.blobs.get(url.split('/').at(-1) ?? '');
    const kinds = Object.entries(TRANSIENT);
    if (blob !== undefined && !spoiled.has(url)) kinds.push(['wrong bytes', wrongBytes]);
    const [kind, breakIt] = kinds[dice[1]! % kinds.length]!;
    if (kind === 'wrong bytes') spoiled.add(url);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    breakIt(response, blob ?? Buffer.from('{"schemaVersion":2}'));
    return true;
  };
  return { fault, counts, requests: () => requests };
}
