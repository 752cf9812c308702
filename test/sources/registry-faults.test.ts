import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkOutbound } from '../../src/sources/registry/http/outbound.ts';
import {
  FAST,
  type Fault,
  type FaultyRegistry,
  openFast,
  sendJson,
  sendRange,
  startFaultyRegistry,
} from './faulty-registry.ts';
import { everythingSaid, failureOf, readLayer } from './read-layers.ts';
import { OCI, SampleStore, sha256 } from './sample-image.ts';

const LOGIN = { username: 'canary-user', password: 'canary-password' } as const;
const SIZE = 1024 * 1024;

describe('a registry that misbehaves', () => {
  const store = new SampleStore();
  const big = randomBytes(SIZE);
  const layer = store.add(big, OCI.layer);
  const config = store.add(
    {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [sha256(big)] },
    },
    OCI.config,
  );
  const root = store.add(
    { schemaVersion: 2, mediaType: OCI.manifest, config, layers: [layer] },
    OCI.manifest,
  );
  let registry: FaultyRegistry;
  let other: FaultyRegistry;

  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    registry = await startFaultyRegistry(store, root);
    other = await startFaultyRegistry(store, root);
  });
  afterAll(() => Promise.all([registry.close(), other.close()]));
  beforeEach(() => {
    for (const server of [registry, other]) {
      server.seen.length = 0;
      server.fault = () => false;
    }
  });

  const isLayer = (url = ''): boolean => url.includes(layer.digest);
  const onLayer =
    (fault: Fault): Fault =>
    (request, response) =>
      isLayer(request.url) && fault(request, response);

  const pull = async (options = {}): Promise<Buffer> => {
    const { image, close } = await openFast(registry, options);
    try {
      return await readLayer(image.layers[0]!);
    } finally {
      await close();
    }
  };
  const ranges = () => registry.seen.filter(({ path }) => isLayer(path)).map(({ range }) => range);

  describe('in its redirects', () => {
    const redirectTo =
      (location: string | undefined, status = 307): Fault =>
      (_request, response) => {
        response.writeHead(status, location === undefined ? {} : { location });
        response.end('see there');
        return true;
      };

    it.each([301, 302, 303, 307, 308])('2.4 rule 6: is followed after %i', async (status) => {
      registry.fault = (request, response) =>
        isLayer(request.url) && redirectTo(`${other.url}/moved`, status)(request, response);
      other.fault = (request, response) => sendRange(big, 'x', request, response);
      expect((await pull()).equals(big)).toBe(true);
      expect(other.seen.map(({ path }) => path)).toEqual(['/moved']);
    });

    it('2.4 rule 5: is followed elsewhere without credentials', async () => {
      registry.fault = ({ url = '', headers }, response) => {
        if (headers.authorization === undefined)
          return sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
        return isLayer(url) && redirectTo(`${other.url}${url}?sig=canary`)({} as never, response);
      };
      expect((await pull(LOGIN)).equals(big)).toBe(true);
      expect(other.seen).toHaveLength(1);
      expect(other.seen[0]?.authorization).toBeUndefined();
    });

    it('is followed on the same host with credentials', async () => {
      registry.fault = ({ url = '', headers }, response) => {
        if (headers.authorization === undefined)
          return sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
        return url.endsWith(layer.digest)
          ? redirectTo(`/v2/elsewhere/blobs/${layer.digest}?x`)({} as never, response)
          : url.endsWith('?x') && sendRange(big, 'x', { headers } as never, response);
      };
      expect((await pull(LOGIN)).equals(big)).toBe(true);
    });

    it('2.4 rule 5: does not get credentials back by way of another host', async () => {
      registry.fault = ({ url = '', headers }, response) => {
        if (url.includes('boomerang')) return sendRange(big, 'x', { headers } as never, response);
        if (headers.authorization === undefined)
          return sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
        return isLayer(url) && redirectTo(`${other.url}/away`)({} as never, response);
      };
      other.fault = redirectTo(`${registry.url}/boomerang`);
      expect((await pull(LOGIN)).equals(big)).toBe(true);
      const [last] = registry.seen.filter(({ path }) => path === '/boomerang');
      expect(last?.authorization).toBeUndefined();
    });

    it.each([
      ['in a circle', '/v2/team/app/blobs/x', 'E_HTTP', /more than 10 redirects/],
      ['to nowhere', undefined, 'E_HTTP', /names no target/],
      ['to a file', 'file:///etc/passwd', 'E_POLICY', /only http and https/],
      ['to rubbish', 'http://[', 'E_POLICY', /not a URL/],
      ['with a user', 'http://user:canary@127.0.0.1:1/x', 'E_POLICY', /user name/],
    ])('is refused %s', async (_name, location, code, message) => {
      registry.fault = redirectTo(location);
      const error = await failureOf(openFast(registry));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
      expect(everythingSaid(error)).not.toContain('canary');
      expect(registry.seen.length).toBeLessThanOrEqual(11);
    });

    it('2.4 rule 1: never leave https for http', () => {
      const from = new URL('https://registry.example/v2/');
      for (const purpose of ['redirect', 'token realm'] as const)
        expect(() => checkOutbound(from, 'http://registry.example/', purpose)).toThrow(
          expect.objectContaining({ code: 'E_POLICY' }),
        );
      expect(checkOutbound(from, '/x', 'redirect').href).toBe('https://registry.example/x');
    });

    it('2.4 rule 7, ggcr#2359: does not log in where a redirect leads, nor repeats its query', async () => {
      registry.fault = onLayer(redirectTo(`${other.url}/there?X-Amz-Signature=canary`));
      other.fault = (_request, response) =>
        sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
      const error = await failureOf(pull(LOGIN));
      expect(error.code).toBe('E_AUTH');
      expect(error.message).toContain(registry.host);
      expect(error.message).toContain(other.host);
      expect(other.seen).toHaveLength(1);
      other.fault = (_request, response) => sendJson(response, 403, { code: 'AccessDenied' });
      const denied = await failureOf(pull(LOGIN));
      expect(denied.message).toContain('AccessDenied');
      expect(everythingSaid(error) + everythingSaid(denied)).not.toContain('canary');
    });
  });

  describe('by overload', () => {
    const failing =
      (times: number, status: number, headers: Record<string, string> = {}): Fault =>
      (request, response) =>
        request.url !== '/v2/' &&
        times-- > 0 &&
        sendJson(response, status, { errors: [{ code: 'TOOMANYREQUESTS' }] }, headers);

    it.each<[number, Record<string, string>]>([
      [429, { 'retry-after': '0' }],
      [503, { 'retry-after': new Date(Date.now() - 5000).toUTCString() }],
      ...[408, 425, 429, 499, 500, 502, 503, 504].map(
        (status): [number, Record<string, string>] => [status, {}],
      ),
      ...[520, 521, 522, 523, 524, 529].map((status): [number, Record<string, string>] => [
        status,
        {},
      ]),
    ])('4.3 is asked again after %i %j', async (status, headers) => {
      registry.fault = failing(4, status, headers);
      expect((await pull()).equals(big)).toBe(true);
    });

    it('4.3 waits as long as it is told', async () => {
      registry.fault = failing(1, 429, { 'retry-after': '1' });
      const started = performance.now();
      await pull();
      expect(performance.now() - started).toBeGreaterThan(950);
    });

    it('4.3 gives up at once when the wait is too long, and says when to come back', async () => {
      registry.fault = failing(9, 429, { 'retry-after': '3600' });
      const error = await failureOf(openFast(registry));
      expect(error.code).toBe('E_RATE_LIMIT');
      expect(error.message).toMatch(/TOOMANYREQUESTS.*3600 seconds.*login/);
      expect(registry.seen).toHaveLength(1);
    });

    it.each<[number, string, number]>([
      [429, 'E_RATE_LIMIT', 6],
      [503, 'E_HTTP', 6],
      [403, 'E_AUTH', 1],
      [404, 'E_NOT_FOUND', 1],
      ...[400, 405, 406, 410, 413, 415, 451, 501].map((status): [number, string, number] => [
        status,
        'E_HTTP',
        1,
      ]),
    ])('4.3 ends in an error after %i for ever', async (status, code, attempts) => {
      registry.fault = failing(99, status);
      const error = await failureOf(openFast(registry));
      expect(error.code).toBe(code);
      expect(registry.seen).toHaveLength(attempts);
    });

    it('says nothing unprintable and nothing long', async () => {
      const message = `\u001b[2J\u0007\u202e${'x'.repeat(100_000)}`;
      registry.fault = (_request, response) =>
        sendJson(response, 400, { errors: [{ code: 'BAD', message }] });
      const error = await failureOf(openFast(registry));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(error.message).not.toMatch(/[\u0000-\u001f\u202e]/);
      expect(error.message.length).toBeLessThan(700);
    });
  });

  describe('in the middle of a blob', () => {
    /** Cuts the first answers after so many bytes each, then behaves. */
    const cutting = (...lengths: number[]): Fault =>
      onLayer((request, response) => {
        const length = lengths.shift();
        if (length === undefined) return false;
        const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
        response.writeHead(start > 0 ? 206 : 200, {
          'content-length': SIZE - start,
          ...(start > 0 ? { 'content-range': `bytes ${start}-${SIZE - 1}/${SIZE}` } : {}),
        });
        response.write(big.subarray(start, start + length), () => response.destroy());
        return true;
      });

    it('4.5 ggcr#1153: goes on where it was cut, with a closed range', async () => {
      registry.fault = cutting(300_000, 300_000);
      expect((await pull()).equals(big)).toBe(true);
      expect(ranges()).toHaveLength(3);
      for (const range of ranges().slice(1)) expect(range).toMatch(/^bytes=\d+-1048575$/);
    });

    it('survives more cuts than it has attempts, while it gets on', async () => {
      registry.fault = cutting(...Array.from({ length: 20 }, () => 290_000));
      expect((await pull()).equals(big)).toBe(true);
    });

    it('gives up where nothing gets on', async () => {
      registry.fault = cutting(...Array.from({ length: 100 }, () => 10));
      const error = await failureOf(pull());
      expect(error.code).toBe('E_NETWORK');
      expect(ranges()).toHaveLength(8);
    });

    it('gives up where it gets on well once and then hardly', async () => {
      registry.fault = cutting(400_000, ...Array.from({ length: 100 }, () => 10));
      const error = await failureOf(pull());
      expect(error.code).toBe('E_NETWORK');
      expect(ranges().length).toBeLessThan(10);
    });

    it('notices an end that no length announces', async () => {
      let isFirst = true;
      registry.fault = onLayer((_request, response) => {
        if (!isFirst) return false;
        isFirst = false;
        response.useChunkedEncodingByDefault = false;
        response.writeHead(200, { connection: 'close' });
        response.end(big.subarray(0, 400_000));
        return true;
      });
      expect((await pull()).equals(big)).toBe(true);
      expect(ranges().at(-1)).toBe('bytes=400000-1048575');
    });

    it('passes over what it has when the server sends all of it again', async () => {
      let first = true;
      registry.fault = onLayer((request, response) => {
        if (first) {
          first = false;
          return cutting(400_000)(request, response);
        }
        response.writeHead(200, { 'content-length': SIZE });
        response.end(big);
        return true;
      });
      expect((await pull()).equals(big)).toBe(true);
    });

    it.each([
      [206, { 'content-range': `bytes 0-${SIZE - 1}/${SIZE}` }],
      [206, { 'content-range': `bytes 400000-${SIZE - 1}/9` }],
      [206, { 'content-range': `bytes ${SIZE - 1}-${SIZE - 2}/${SIZE}` }],
      [206, {}],
      [416, {}],
    ])('asks for the whole when it gets a wrong part (%i %j)', async (status, headers) => {
      const cut = cutting(400_000);
      registry.fault = onLayer((request, response) => {
        if (cut(request, response)) return true;
        if (request.headers.range === undefined) return false;
        response.writeHead(status, headers as Record<string, string>);
        response.end('wrong');
        return true;
      });
      expect((await pull()).equals(big)).toBe(true);
      expect(ranges().at(-1)).toBeUndefined();
    });

    it('goes on after a stall', async () => {
      const timing = { ...FAST, bodyIdleMs: 300 };
      let stalled = false;
      registry.fault = onLayer((_request, response) => {
        if (stalled) return false;
        stalled = true;
        response.writeHead(200, { 'content-length': SIZE });
        response.write(big.subarray(0, 400_000));
        return true;
      });
      const { image, close } = await openFast(registry, {}, ':tag', timing);
      expect((await readLayer(image.layers[0]!)).equals(big)).toBe(true);
      await close();
    });

    it('does not take more than was declared', async () => {
      registry.fault = onLayer((_request, response) => {
        response.writeHead(200);
        response.write(big);
        response.end('and more');
        return true;
      });
      const error = await failureOf(pull());
      expect(error.code).toBe('E_SIZE');
    });

    it('does not start when the length is another', async () => {
      registry.fault = onLayer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html', 'content-length': 5 });
        response.end('hello');
        return true;
      });
      const error = await failureOf(pull());
      expect(error.code).toBe('E_SIZE');
      expect(error.message).toContain('web page');
    });

    it('is not asked for again where a web page of no stated length comes', async () => {
      registry.fault = onLayer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<h1>Log in</h1>');
        return true;
      });
      const error = await failureOf(pull());
      expect(error.code).toBe('E_SIZE');
      expect(error.message).toContain('web page of 15 bytes');
      expect(ranges()).toHaveLength(1);
    });

    it('can be cancelled, and can be left', async () => {
      registry.fault = onLayer((_request, response) => {
        response.writeHead(200, { 'content-length': SIZE });
        response.write(big.subarray(0, 400_000));
        return true;
      });
      const { image, close } = await openFast(registry);
      const controller = new AbortController();
      const error = await failureOf(
        (async () => {
          for await (const _chunk of image.layers[0]!.open(controller.signal)) controller.abort();
        })(),
      );
      expect(error.code).toBe('E_ABORTED');
      for await (const _chunk of image.layers[0]!.open(new AbortController().signal)) break;
      await close();
    });

    it('can be cancelled while it waits to try again', async () => {
      registry.fault = (_request, response) => sendJson(response, 429, {}, { 'retry-after': '30' });
      const signal = AbortSignal.timeout(300);
      const started = performance.now();
      const error = await failureOf(openFast(registry, { signal }));
      expect(error.code).toBe('E_ABORTED');
      expect(performance.now() - started).toBeLessThan(5000);
    });
  });

  describe('in its documents', () => {
    const sendManifest =
      (body: string | Buffer, headers: Record<string, string>): Fault =>
      ({ url = '' }, response) => {
        if (!url.includes('/manifests/')) return false;
        response.writeHead(200, headers);
        response.end(body);
        return true;
      };

    it.each([
      [
        'another manifest than its digest',
        `@${root.digest}`,
        '{"schemaVersion":2}',
        {},
        'E_DIGEST',
      ],
      [
        'a stated digest that is wrong',
        ':tag',
        JSON.stringify(store.json(root.digest)),
        { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
        'E_DIGEST',
      ],
      ['a web page', ':tag', '<!doctype html>', { 'content-type': 'text/html' }, 'E_MANIFEST'],
      ['nothing', ':tag', '', {}, 'E_MANIFEST'],
      ['something endless', ':tag', Buffer.alloc(8 * 1024 * 1024 + 1, 0x20), {}, 'E_LIMIT'],
    ])('sends %s', async (_name, at, body, headers, code) => {
      registry.fault = sendManifest(body, headers as Record<string, string>);
      const error = await failureOf(openFast(registry, {}, at));
      expect(error.code).toBe(code);
    });

    it('sends a config that is another', async () => {
      registry.fault = ({ url = '' }, response) => {
        if (!url.includes(config.digest)) return false;
        response.end('x'.repeat(config.size));
        return true;
      };
      const error = await failureOf(openFast(registry));
      expect(error.code).toBe('E_DIGEST');
      expect(error.message).toContain(config.digest);
    });

    it('4.5 containerd#3238, #5124, #3110 sends manifests without type, length and digest, and with parameters', async () => {
      const body = JSON.stringify(store.json(root.digest));
      for (const type of [undefined, 'text/plain', `${OCI.manifest}; charset=utf-8`]) {
        registry.fault = ({ url = '' }, response) => {
          if (!url.includes('/manifests/')) return false;
          response.writeHead(200, type === undefined ? {} : { 'content-type': type });
          response.write(body.slice(0, 10));
          response.end(body.slice(10));
          return true;
        };
        expect((await pull()).equals(big)).toBe(true);
      }
    });
  });

  it('is read in many layers at once, without a warning', async () => {
    const many = new SampleStore();
    const names = Array.from({ length: 40 }, (_, index) => `layer-${index}`);
    const crowded = await startFaultyRegistry(many, many.addImage('linux/amd64', names));
    const warnings: string[] = [];
    const warn = (warning: Error): number => warnings.push(String(warning));
    process.on('warning', warn);
    try {
      const { signal } = new AbortController();
      const { image, close } = await openFast(crowded, { signal });
      const readers = image.layers.map((layer) => layer.open(signal)[Symbol.asyncIterator]());
      await Promise.all(readers.map((reader) => reader.next()));
      await close();
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', warn);
      await crowded.close();
    }
  });

  it('that is not there is a typed error', async () => {
    const gone = await startFaultyRegistry(store, root);
    await gone.close();
    const error = await failureOf(openFast(gone));
    expect(error.code).toBe('E_NETWORK');
    expect(error.message).toMatch(/refused.*nobody listens there/);
  });
});
