/** A registry of one image that misbehaves, to each client in the same way, whatever the others do. */

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const LOOPBACK = '127.0.0.1';
/** Pieces a second of a slow body. */
const TICKS = 10;

/**
 * @typedef {object} Blob
 * @property {string} mediaType
 * @property {string} digest
 * @property {number} size
 * @property {Buffer} bytes
 */

/**
 * What one client has asked for so far.
 * @typedef {object} Client
 * @property {string[]} requests method and path of each
 * @property {Map<string, number>} times how often each path was asked for
 * @property {boolean} leaked whether a login went where it does not belong
 */

/**
 * @typedef {object} Exchange
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {Blob} blob what is asked for
 * @property {'manifests' | 'blobs'} kind
 * @property {number} time the how manieth request for this path, from 1
 * @property {Client} client
 * @property {string} storage URL of the other host, where blobs are as well
 * @property {(options?: SendOptions) => void} send answers as a good registry does
 */

/**
 * @typedef {object} SendOptions
 * @property {Buffer} [bytes] in place of the blob's
 * @property {number} [cutAfter] bytes, after which the connection breaks
 * @property {number} [stallAfter] bytes, after which nothing comes any more
 * @property {number} [bytesPerSecond]
 * @property {boolean} [ranges] false for a registry that knows no ranges
 * @property {Record<string, string>} [headers]
 * @property {boolean} [chunked] without a length
 */

/**
 * Returns true where it has answered.
 * @callback Fault
 * @param {Exchange} exchange
 * @returns {boolean | undefined}
 */

/**
 * @param {Uint8Array | object} content
 * @param {string} mediaType
 * @returns {Blob}
 */
export function makeBlob(content, mediaType) {
  const bytes = Buffer.from(content instanceof Uint8Array ? content : JSON.stringify(content));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { mediaType, digest, size: bytes.length, bytes };
}

/**
 * Serves `blobs` as every repository; any tag is `root`. The repository's name tells the clients apart.
 * @param {readonly Blob[]} blobs
 * @param {Blob} root
 */
export async function startFaultyRegistry(blobs, root) {
  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
  /** @type {Map<string, Client>} */
  const clients = new Map();
  const state = { /** @type {Fault} */ fault: () => false, tokens: false };
  let storage = '';

  /** @param {string} name */
  const clientOf = (name) => {
    const known = clients.get(name) ?? { requests: [], times: new Map(), leaked: false };
    clients.set(name, known);
    return known;
  };

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const match = /^\/v2\/([^/]+)\/(manifests|blobs)\/([^?]+)/.exec(path);
    if (match === null && path === '/v2/' && state.tokens) return challenge(request, response);
    if (match === null) return answerOther(path, response);
    const [, name, kind, what] = match;
    const client = clientOf(name);
    const time = (client.times.get(path) ?? 0) + 1;
    client.times.set(path, time);
    client.requests.push(`${request.method} ${path}`);
    const blob = what.includes(':') ? byDigest.get(what) : root;
    if (blob === undefined) return void response.writeHead(404).end('{}');
    const type = kind === 'blobs' ? 'application/octet-stream' : blob.mediaType;
    const send = (/** @type {SendOptions} */ options = {}) =>
      sendBlob(blob, type, request, response, options);
    const exchange = { request, response, blob, client, storage, send, time };
    if (!state.fault({ ...exchange, kind: kind === 'blobs' ? 'blobs' : 'manifests' })) send();
  });

  // The other host takes signed URLs, and no login besides (as S3 does).
  const other = createServer((request, response) => {
    const [, name, digest] = /^\/([^/]+)\/([^?]+)/.exec(request.url ?? '') ?? [];
    const blob = byDigest.get(digest ?? '');
    if (request.headers.authorization !== undefined) {
      clientOf(name ?? '').leaked = true;
      response.writeHead(400).end('<Error>Only one auth mechanism allowed</Error>');
    } else if (blob === undefined) response.writeHead(404).end();
    else sendBlob(blob, 'application/octet-stream', request, response, {});
  });

  const host = await listen(server);
  storage = `http://${await listen(other)}`;
  return {
    host,
    /**
     * What clients did before is forgotten.
     * @param {Fault} fault of the scenario that begins
     * @param {boolean} tokens whether the root of the API asks for one, as many clients expect
     */
    begin: (fault, tokens) => {
      state.fault = fault;
      state.tokens = tokens;
      clients.clear();
    },
    clientOf,
    stop: async () => {
      for (const one of [server, other]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
}

/**
 * The root of the API, and a token server that gives everybody a token.
 * @param {string} path
 * @param {import('node:http').ServerResponse} response
 */
function answerOther(path, response) {
  const body = path.startsWith('/token') ? { token: `token-${Date.now()}` } : {};
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/**
 * Asks for a token, of the server at the same address.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
export function challenge(request, response) {
  const [, , name] = (request.url ?? '').split('/');
  const scope = name ? `,scope="repository:${name}:pull"` : '';
  const realm = `Bearer realm="http://${request.headers.host}/token",service="faults"${scope}`;
  response.writeHead(401, { 'www-authenticate': realm }).end('{}');
}

/**
 * @param {import('node:http').Server} server
 * @returns {Promise<string>} host and port
 */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, LOOPBACK, () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `${LOOPBACK}:${address.port}`;
}

/**
 * The blob, or the part of it that is asked for, as far as `options` let it come.
 * @param {Blob} blob
 * @param {string} type
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {SendOptions} options
 */
function sendBlob(blob, type, request, response, { ranges = true, headers = {}, ...options }) {
  const all = options.bytes ?? blob.bytes;
  const [, from, to] = (ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
  const start = Number(from ?? 0);
  const part = from === undefined ? all : all.subarray(start, to ? Number(to) + 1 : all.length);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-type': type,
    'docker-content-digest': blob.digest,
    ...(options.chunked ? {} : { 'content-length': part.length }),
    ...(from === undefined
      ? {}
      : { 'content-range': `bytes ${start}-${start + part.length - 1}/${all.length}` }),
    ...headers,
  });
  if (request.method === 'HEAD') return void response.end();
  const { cutAfter, stallAfter, bytesPerSecond } = options;
  if (cutAfter !== undefined && cutAfter < part.length)
    response.write(part.subarray(0, cutAfter), () => response.destroy());
  else if (stallAfter !== undefined && stallAfter < part.length)
    response.write(part.subarray(0, stallAfter));
  else if (bytesPerSecond !== undefined) drip(part, bytesPerSecond, response);
  else response.end(part);
}

/**
 * @param {Buffer} bytes
 * @param {number} bytesPerSecond
 * @param {import('node:http').ServerResponse} response
 */
function drip(bytes, bytesPerSecond, response) {
  const step = Math.ceil(bytesPerSecond / TICKS);
  let at = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(at, at + step));
    at += step;
    if (at >= bytes.length) response.end();
  }, 1000 / TICKS);
  response.on('close', () => clearInterval(timer));
  response.on('finish', () => clearInterval(timer));
}
