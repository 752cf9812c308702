import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAST, type Fault, sendJson, sendRange } from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { LOGIN, useThreeRegistries } from './three-registries.ts';

const three = useThreeRegistries();
const { content, layer } = three;

const cut: Fault = (request) => {
  request.socket.destroy();
  return true;
};
const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  (_, response) =>
    sendJson(response, status, { errors: [{ code: 'X', message: 'no' }] }, headers);

/** Says a length and sends half of it. */
const truncate: Fault = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('{"half": ');
  setTimeout(() => response.destroy(), 5);
  return true;
};
const page: Fault = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<html>a captive portal</html>');
  return true;
};

describe('2.6 mirrors that work', () => {
  it('are asked in order, the registry itself last and here never', async () => {
    const { image } = await three.open(LOGIN);
    expect((await readLayer(image.layers[0]!)).equals(content)).toBe(true);
    expect(three.asked(three.first)).toEqual(['manifest', 'config', 'layer']);
    expect(three.second.seen).toEqual([]);
    expect(three.primary.seen).toEqual([]);
    expect(three.notices).toEqual([]);
  });

  it('resolve a digest as well as a tag', async () => {
    const { image, reference } = await three.open({}, `@${three.root.digest}`);
    expect(image.digest).toBe(three.root.digest);
    expect(reference).toBe(`${three.primary.host}/team/app@${three.root.digest}`);
    expect(three.primary.seen).toEqual([]);
  });

  it('have a path in front of the repository', async () => {
    await three.open({ mirrors: [`${three.primary.host}=${three.first.url}/proxy/hub`] });
    expect(three.first.seen[0]?.path).toBe('/v2/proxy/hub/team/app/manifests/tag');
  });

  it('are not asked for images of other hosts', async () => {
    await three.open({ mirrors: [`other.example=${three.first.url}`] });
    expect(three.first.seen).toEqual([]);
    expect(three.asked(three.primary)).toEqual(['manifest', 'config']);
  });
});

describe('4.3 a mirror that fails at a manifest', () => {
  it.each<[string, Fault, RegExp]>([
    ['404', answer(404), /does not have it/],
    ['400', answer(400), /answered with 400/],
    ['401 without a challenge', answer(401), /401/],
    ['401 Basic', answer(401, { 'www-authenticate': 'Basic realm="r"' }), /user name/],
    ['401 with an odd scheme', answer(401, { 'www-authenticate': 'Negotiate' }), /negotiate/],
    ['403', answer(403), /denies access/],
    ['429 for hours', answer(429, { 'retry-after': '9999' }), /429/],
    ['500', answer(500), /answered with 500/],
    ['a cut connection', cut, /closed|reset/],
    ['half of a document', truncate, /closed|reset/],
    ['a web page', page, /not valid JSON|JSON/],
    ['a redirect to nowhere', answer(307), /no target/],
    ['a redirect to a file', answer(307, { location: 'file:///etc/passwd' }), /only http/],
    ['a redirect loop', answer(307, { location: '?x' }), /more than \d+ redirects/],
    [
      'another digest than it states',
      answer(200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }),
      /./,
    ],
  ])('%s: the next one is asked', async (_, fault, said) => {
    three.first.fault = three.only('manifest', fault);
    const { image } = await three.open(LOGIN);
    expect(image.digest).toBe(three.root.digest);
    expect(three.asked(three.second)[0]).toBe('manifest');
    expect(three.primary.seen).toEqual([]);
    expect(three.failures()).toHaveLength(1);
    expect(three.failures()[0]).toMatch(said);
    expect(three.failures()[0]).toContain(three.first.host);
  });

  it('with other content than the digest names: the next one is asked, loudly', async () => {
    three.first.fault = three.only('manifest', answer(200));
    const { image } = await three.open({}, `@${three.root.digest}`);
    expect(image.digest).toBe(three.root.digest);
    expect(three.failures()[0]).toMatch(/another digest/);
  });

  it('for every reason there is: the registry itself is asked', async () => {
    three.first.fault = answer(500);
    three.second.fault = cut;
    const { image } = await three.open(LOGIN);
    expect((await readLayer(image.layers[0]!)).equals(content)).toBe(true);
    expect(three.asked(three.primary)).toEqual(['manifest', 'config', 'layer']);
    // Out after its retries at the first request, so that the pull is not slowed at each blob.
    expect(new Set(three.asked(three.first))).toEqual(new Set(['manifest']));
    expect(three.failures()).toHaveLength(2);
  });

  it('with 404: it is asked for content, and told of once for each reason', async () => {
    three.first.fault = answer(404);
    const { image } = await three.open();
    await readLayer(image.layers[0]!);
    expect(three.asked(three.first)).toEqual(['manifest', 'config', 'layer']);
    expect(three.failures()).toHaveLength(1);
  });
});

describe('2.6 a mirror that cannot be spoken to', () => {
  let mute: Server;
  let mutePort = 0;
  beforeAll(async () => {
    mute = createServer((socket) => void socket.on('error', () => undefined).destroy());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    mutePort = (mute.address() as { port: number }).port;
  });
  afterAll(() => new Promise((resolve) => mute.close(resolve)));

  it.each([
    ['refuses the connection', () => 'http://127.0.0.1:1'],
    ['speaks no TLS', () => `https://${three.first.host}`],
    ['closes at once', () => `http://127.0.0.1:${mutePort}`],
    ['has no address', () => 'http://mirror.invalid'],
  ])('because it %s is passed over', async (_, url) => {
    const mirrors = [`${three.primary.host}=${url()}`, `${three.primary.host}=${three.second.url}`];
    const { image } = await three.open({ mirrors });
    await readLayer(image.layers[0]!);
    expect(three.asked(three.second)).toEqual(['manifest', 'config', 'layer']);
    expect(three.failures()).toHaveLength(1);
  });
});

describe('2.6 a mirror that swallows what is sent to it', () => {
  let silent: Server;
  const sockets: Socket[] = [];
  let connections = 0;
  beforeAll(async () => {
    silent = createServer((socket) => {
      connections += 1;
      sockets.push(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => silent.close(resolve));
  });

  it('is tried twice, and not as often as one that answers', async () => {
    const { port } = silent.address() as { port: number };
    const mirrors = [`${three.primary.host}=http://127.0.0.1:${port}`];
    const timing = { ...FAST, headersMs: 100, giveUpMs: 50 };
    const { image } = await three.open({ mirrors }, ':tag', timing);
    await readLayer(image.layers[0]!);
    expect(connections).toBe(2);
    expect(three.asked(three.primary)).toEqual(['manifest', 'config', 'layer']);
    expect(three.failures()).toHaveLength(1);
  });

  it('has its name looked up three times', async () => {
    const mirrors = [`${three.primary.host}=http://mirror.invalid`];
    const retries: string[] = [];
    const onRetry = ({ message }: { message: string }): number => retries.push(message);
    await three.open({ mirrors, onRetry });
    expect(retries).toHaveLength(2);
    expect(retries[0]).toMatch(/does not exist.*look at its spelling/);
  });
});

describe('4.2 a blob from several places', () => {
  /** Sends so much of the layer and breaks; whoever asks again finds the door shut. */
  const breakAt = (bytes: number): Fault => {
    let served = false;
    return three.only('layer', (request, response) => {
      if (served) return cut(request, response);
      served = true;
      const [, from = '0'] = /bytes=(\d+)/.exec(request.headers.range ?? '') ?? [];
      const start = Number(from);
      const partial = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
      const headers = { 'content-length': content.length - start };
      if (start === 0) response.writeHead(200, headers);
      else response.writeHead(206, { ...headers, ...partial });
      response.write(content.subarray(start, bytes), () =>
        setTimeout(() => response.destroy(), 20),
      );
      return true;
    });
  };

  it('goes on where each of them left off', async () => {
    three.first.fault = breakAt(300_000);
    three.second.fault = breakAt(700_000);
    const { image } = await three.open();
    expect((await readLayer(image.layers[0]!)).equals(content)).toBe(true);
    const last = three.primary.seen.map(({ range }) => range);
    expect(last).toEqual([`bytes=700000-${content.length - 1}`]);
    expect(three.second.seen.find(({ path }) => path.includes(layer.digest))?.range).toBe(
      `bytes=300000-${content.length - 1}`,
    );
  });

  it('is whole also where the next one ignores ranges', async () => {
    three.first.fault = breakAt(300_000);
    three.second.fault = three.only('layer', (_, response) =>
      sendRange(content, 'x', { headers: {} } as never, response),
    );
    const { image } = await three.open();
    expect((await readLayer(image.layers[0]!)).equals(content)).toBe(true);
  });

  it.each<[string, Fault]>([
    ['404', answer(404)],
    ['403', answer(403)],
    ['500', answer(500)],
    ['too few bytes', truncate],
    ['a cut connection', cut],
    ['416', answer(416)],
  ])('comes from the next place after %s', async (_, fault) => {
    three.first.fault = three.only('layer', fault);
    const { image } = await three.open();
    expect((await readLayer(image.layers[0]!)).equals(content)).toBe(true);
    expect(three.asked(three.second)).toEqual(['layer']);
  });
});

describe('2.6 a mirror that lies about a digest', () => {
  const lie = Buffer.from(content).fill(0, 0, 10);
  const lies: Fault = (request, response) => sendRange(lie, 'x', request, response);

  it('is left out of the next reading, loudly, until somebody tells the truth', async () => {
    three.first.fault = three.only('layer', lies);
    three.second.fault = three.only('layer', lies);
    const { image } = await three.open();
    const [source] = image.layers;
    for (const server of [three.first, three.second]) {
      await expect(readLayer(source!)).rejects.toThrow();
      expect(three.asked(server)).toContain('layer');
      expect(await source?.reject?.()).toBe(true);
    }
    expect((await readLayer(source!)).equals(content)).toBe(true);
    expect(three.failures()).toHaveLength(2);
    expect(three.failures()[0]).toContain(`sent other content than ${layer.digest}`);
    // The registry itself is not a mirror: it is asked once more, with care, and then it is the end.
    expect(await source?.reject?.()).toBe(true);
    expect(await source?.reject?.()).toBe(false);
  });

  it('to several readers at once leaves each of them another try', async () => {
    three.first.fault = three.only('layer', lies);
    const { image } = await three.open({
      mirrors: [`${three.primary.host}=${three.first.url}`],
    });
    const [source] = image.layers;
    const readings = [0, 1, 2].map(() => expect(readLayer(source!)).rejects.toThrow());
    await Promise.all(readings);
    for (let reader = 0; reader < 3; reader += 1) {
      expect(await source?.reject?.()).toBe(true);
      expect((await readLayer(source!)).equals(content)).toBe(true);
    }
    expect(await source?.reject?.()).toBe(true);
    expect(await source?.reject?.()).toBe(false);
    expect(three.failures()).toHaveLength(1);
  });

  it('in a part that another one completed is found out', async () => {
    three.first.fault = three.only('layer', (request, response) => {
      if (request.headers.range !== undefined) return cut(request, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(lie.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    const { image } = await three.open();
    const [source] = image.layers;
    await expect(readLayer(source!)).rejects.toThrow();
    expect(await source?.reject?.()).toBe(true);
    expect((await readLayer(source!)).equals(content)).toBe(true);
  });

  it('with a web page of no stated length is found out', async () => {
    three.first.fault = three.only('layer', page);
    const { image } = await three.open();
    const [source] = image.layers;
    await expect(readLayer(source!)).rejects.toThrow();
    expect(await source?.reject?.()).toBe(true);
    expect((await readLayer(source!)).equals(content)).toBe(true);
    expect(three.asked(three.second)).toContain('layer');
  });

  it('of the config is found out at once', async () => {
    const { size } = three.config;
    three.first.fault = three.only('config', (request, response) =>
      sendRange(Buffer.alloc(size, 0x20), 'x', request, response),
    );
    const { image } = await three.open();
    expect(image.platform).toBe('linux/amd64');
    expect(three.asked(three.second)).toEqual(['config']);
    expect(three.failures()[0]).toContain('sent other content than');
  });
});

describe('2.6 when all places fail', () => {
  it('the error is that of the registry itself, and says what the mirrors said', async () => {
    three.first.fault = answer(500);
    three.second.fault = answer(403);
    three.primary.fault = answer(404);
    const error = await failureOf(three.open());
    expect(error.code).toBe('E_NOT_FOUND');
    expect(error.summary).toContain(three.primary.host);
    expect(error.hint).toContain(`${three.first.host}: ${three.first.host} answered with 500`);
    expect(error.hint).toContain(`${three.second.host} denies access`);
  });

  it('cancelling ends it without asking further', async () => {
    const controller = new AbortController();
    three.first.fault = () => {
      controller.abort();
      return true;
    };
    const error = await failureOf(three.open({ signal: controller.signal }));
    expect(error.code).toBe('E_ABORTED');
    expect([...three.second.seen, ...three.primary.seen]).toEqual([]);
    expect(three.notices).toEqual([]);
  });
});
