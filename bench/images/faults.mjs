/** What can go wrong between a registry and its client; each is told apart by what a good client does about it. */

import { challenge } from '../lib/faulty-registry.mjs';

const MIB = 2 ** 20;
/** As long as a pull of the layer takes on the slow line. */
const SLOW_SECONDS = 135;

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {'image' | 'error'} wants what a correct client ends with
 * @property {import('../lib/faulty-registry.mjs').Fault} fault
 * @property {boolean} [tokens] true where the registry wants tokens
 * @property {number} [seconds] the limit, where it is not the usual one
 * @property {true} [slow] it takes a minute or more to show
 */

/**
 * @param {import('../lib/faulty-registry.mjs').Blob} layer the large one
 * @returns {Scenario[]}
 */
export function scenarios(layer) {
  /**
   * A fault in requests for the large layer.
   * @param {(exchange: import('../lib/faulty-registry.mjs').Exchange) => unknown} body
   * @returns {import('../lib/faulty-registry.mjs').Fault}
   */
  const onLayer = (body) => (exchange) =>
    exchange.blob === layer && exchange.kind === 'blobs' && body(exchange) !== false;
  const spoiled = Buffer.from(layer.bytes);
  spoiled[spoiled.length >> 1] ^= 1;
  const bytesPerSecond = Math.ceil(layer.size / SLOW_SECONDS);
  return [
    { name: 'nothing goes wrong', wants: 'image', fault: () => false },
    {
      name: 'each first request is reset',
      wants: 'image',
      fault: ({ time, response }) => time === 1 && Boolean(response.destroy()),
    },
    {
      name: 'each first request meets a 500',
      wants: 'image',
      fault: ({ time, response }) => time === 1 && Boolean(response.writeHead(500).end('{}')),
    },
    {
      name: '503 to the layer, three times, `Retry-After: 1`',
      wants: 'image',
      fault: onLayer(({ time, response }) => time <= 3 && busy(response, 503)),
    },
    {
      name: '429 to the manifest, twice, `Retry-After: 2`',
      wants: 'image',
      fault: ({ kind, time, response }) => kind === 'manifests' && time <= 2 && busy(response, 429),
    },
    {
      name: 'the layer is cut after each MiB',
      wants: 'image',
      fault: onLayer(({ send }) => send({ cutAfter: MIB })),
    },
    {
      name: 'the layer is cut twice, by a server without ranges',
      wants: 'image',
      fault: onLayer(({ send, time }) =>
        send({ ranges: false, ...(time <= 2 ? { cutAfter: time * 3 * MIB } : {}) }),
      ),
    },
    {
      name: 'the layer ends early once, without any error',
      wants: 'image',
      fault: onLayer(
        ({ send, time }) =>
          time === 1 && send({ bytes: layer.bytes.subarray(0, 5 * MIB), chunked: true }),
      ),
    },
    {
      name: 'the layer stalls once',
      wants: 'image',
      slow: true,
      fault: onLayer(({ send, time }) => time === 1 && send({ stallAfter: MIB })),
    },
    {
      name: `the layer takes ${SLOW_SECONDS} s`,
      wants: 'image',
      slow: true,
      seconds: 2 * SLOW_SECONDS,
      fault: onLayer(({ send }) => send({ bytesPerSecond })),
    },
    {
      name: 'one bit of the layer is wrong, once',
      wants: 'image',
      fault: onLayer(({ send, time }) => time === 1 && send({ bytes: spoiled })),
    },
    {
      name: 'one bit of the layer is wrong, always',
      wants: 'error',
      fault: onLayer(({ send }) => send({ bytes: spoiled })),
    },
    {
      name: 'the layer is not there yet, once',
      wants: 'image',
      fault: onLayer(({ time, response }) => time === 1 && response.writeHead(404).end('{}')),
    },
    {
      name: 'a label says that the layer is packed once more',
      wants: 'image',
      fault: onLayer(({ send }) => send({ headers: { 'content-encoding': 'gzip' } })),
    },
    {
      name: 'tokens are good for one request for the layer, which is cut',
      wants: 'image',
      tokens: true,
      fault: expiringTokens(layer),
    },
    {
      name: 'blobs lie on another host, which takes no login',
      wants: 'image',
      tokens: true,
      fault: ({ kind, blob, request, response, storage }) => {
        if (request.headers.authorization === undefined) {
          challenge(request, response);
          return true;
        }
        if (kind !== 'blobs') return false;
        const [, , name] = (request.url ?? '').split('/');
        response.writeHead(307, { location: `${storage}/${name}/${blob.digest}?signature=x` });
        return Boolean(response.end());
      },
    },
    {
      name: 'a web page in place of the manifest',
      wants: 'error',
      fault: ({ kind, response }) =>
        kind === 'manifests' &&
        Boolean(response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>')),
    },
    {
      name: 'a web page in place of the layer',
      wants: 'error',
      fault: onLayer(({ response }) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>'),
      ),
    },
  ];
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 */
function busy(response, status) {
  const errors = [{ code: 'TOOMANYREQUESTS', message: 'slow down' }];
  const headers = { 'retry-after': status === 503 ? '1' : '2', 'content-type': 'application/json' };
  return Boolean(response.writeHead(status, headers).end(JSON.stringify({ errors })));
}

/**
 * @param {import('../lib/faulty-registry.mjs').Blob} layer
 * @returns {import('../lib/faulty-registry.mjs').Fault}
 */
function expiringTokens(layer) {
  /** @type {Set<string>} */
  const used = new Set();
  return ({ blob, request, response, send }) => {
    const { authorization } = request.headers;
    if (authorization === undefined || used.has(authorization)) {
      challenge(request, response);
      return true;
    }
    if (blob !== layer) return false;
    used.add(authorization);
    send({ cutAfter: 4 * MIB });
    return true;
  };
}
