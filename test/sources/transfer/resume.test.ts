import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type FaultyRegistry,
  sendJson,
  sendRange,
  startFaultyRegistry,
} from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { BlobRegistry, blobRegistry, bounds, FAST, MIB } from './blob-registry.ts';

const SIZE = 2 * MIB;

describe('4.2 a blob over a broken line', () => {
  const registry = blobRegistry(SIZE);

  /** Cuts each of the first answers after so many bytes; `last` of them are right to the end. */
  const cutAfter = (...lengths: number[]): void => {
    registry.onLayer((request, response) => {
      const length = lengths.shift();
      if (length === undefined) return false;
      const { start, end } = bounds(request.headers.range, SIZE);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': end - start,
        ...(start > 0 ? { 'content-range': `bytes ${start}-${end - 1}/${SIZE}` } : {}),
      });
      response.write(registry.bytes.subarray(start, start + length), () => response.destroy());
      return true;
    });
  };

  const cutFirst = (response: ServerResponse): true => {
    response.writeHead(200, { 'content-length': SIZE });
    response.write(registry.bytes.subarray(0, 500_000), () => response.destroy());
    return true;
  };

  it('200 at 0: one request without a range', async () => {
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([undefined]);
  });

  it('a cut: goes on with a closed range, and says so', async () => {
    cutAfter(MIB);
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([undefined, `bytes=${MIB}-${SIZE - 1}`]);
    expect(registry.retries).toMatchObject([{ host: registry.server.host, attempt: 1 }]);
  });

  it('200 at an offset, each time: passes over what is there, a bounded number of times', async () => {
    let cuts = 0;
    registry.onLayer((_request, response) => {
      cuts += 1;
      response.writeHead(200, { 'content-length': SIZE });
      response.write(registry.bytes.subarray(0, cuts * 65_536), () => response.destroy());
      return true;
    });
    const error = await failureOf(registry.pull());
    expect(error.category).toBe('source');
    expect(registry.ranges.length).toBeLessThanOrEqual(10);
  });

  it('206 with a shorter part: asks for the rest at once', async () => {
    registry.onLayer((request, response) => {
      const { start } = bounds(request.headers.range, SIZE);
      if (start === 0) return cutFirst(response);
      const end = Math.min(start + 400_000, SIZE);
      const headers = { range: `bytes=${start}-${end - 1}` };
      return sendRange(registry.bytes, 'x', { headers } as never, response);
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.retries).toHaveLength(1);
    expect(registry.ranges).toHaveLength(5);
  });

  it('206 with a byte a time: ends in an error', async () => {
    registry.onLayer((request, response) => {
      const { start } = bounds(request.headers.range, SIZE);
      if (start === 0) return cutFirst(response);
      const headers = { range: `bytes=${start}-${start}` };
      return sendRange(registry.bytes, 'x', { headers } as never, response);
    });
    const error = await failureOf(registry.pull());
    expect(error.code).toBe('E_TRUNCATED');
    expect(registry.ranges.length).toBeLessThanOrEqual(9);
  });

  it('crates.io#13159 a bogus 206 at the end: is never asked for', async () => {
    registry.onLayer((request, response) => {
      if (request.headers.range === undefined) return false;
      response.writeHead(206, { 'content-range': `bytes ${SIZE}-${SIZE}/${SIZE}` });
      response.end();
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([undefined]);
  });

  it('regclient: ranges end at the last byte, for servers that are strict about it', async () => {
    const cut = [MIB];
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, SIZE);
      if (end > SIZE) {
        response.writeHead(416);
        response.end();
        return true;
      }
      if (cut.pop() === undefined) return false;
      response.writeHead(200, { 'content-length': SIZE });
      response.write(registry.bytes.subarray(start, MIB), () => response.destroy());
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toHaveLength(2);
  });

  it('the last error names the digest, the offset, the size and the host', async () => {
    cutAfter(700_000, ...Array.from({ length: 20 }, () => 0));
    const error = await failureOf(registry.pull());
    expect(error.code).toBe('E_NETWORK');
    expect(error.message).toContain(registry.layer.digest);
    expect(error.message).toContain(`byte 700000 of ${SIZE}`);
    expect(error.message).toContain(registry.server.host);
    expect(registry.ranges).toHaveLength(8);
    expect(registry.retries).toHaveLength(7);
  });

  it('4.4 a pause of the reader is no stall', async () => {
    const { image, close } = await registry.open({}, { ...FAST, bodyIdleMs: 300 });
    const pieces: Uint8Array[] = [];
    for await (const piece of image.layers[0]!.open(new AbortController().signal)) {
      if (pieces.length === 0) await sleep(900);
      pieces.push(piece);
    }
    expect(Buffer.concat(pieces).equals(registry.bytes)).toBe(true);
    await close();
  });

  it('4.4 a body that drips is given up, and gone on with', async () => {
    let isFirst = true;
    registry.onLayer((_request, response) => {
      if (!isFirst) return false;
      isFirst = false;
      response.writeHead(200, { 'content-length': SIZE });
      let sent = 0;
      const drip = setInterval(() => response.write(registry.bytes.subarray(sent, ++sent)), 20);
      response.on('close', () => clearInterval(drip));
      return true;
    });
    const pulled = await registry.pull({}, { ...FAST, slowMs: 200 });
    expect(pulled.equals(registry.bytes)).toBe(true);
    expect(registry.retries).toHaveLength(1);
    expect(registry.retries[0]?.message).toContain('hardly moves');
  });

  it('4.4 a bound on bytes a second is no drip', async () => {
    const small = new BlobRegistry(randomBytes(1200));
    await small.start();
    try {
      // A second's worth comes at once, and the rest two seconds later: less than a server may drip.
      const pulled = await small.pull({ limitRate: 400 }, { ...FAST, slowMs: 200 });
      expect(pulled.equals(small.bytes)).toBe(true);
      expect(small.retries).toEqual([]);
    } finally {
      await small.server.close();
    }
  });

  it('4.4 a kept connection that closes as it is used is no failure', async () => {
    const used = new WeakSet<object>();
    let closed = 0;
    registry.server.fault = (request) => {
      const { socket } = request;
      if (request.url?.includes('/blobs/') && used.has(socket) && closed++ === 0) {
        socket.destroy();
        return true;
      }
      used.add(socket);
      return false;
    };
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(closed).toBeGreaterThan(0);
    expect(registry.retries).toEqual([]);
  });

  it('signed URLs expire: each attempt begins at the registry', async () => {
    const storage: FaultyRegistry = await startFaultyRegistry(registry.store, registry.root);
    let signature = 0;
    registry.onLayer((request, response) => {
      response.writeHead(307, { location: `${storage.url}${request.url}?sig=${++signature}` });
      response.end();
      return true;
    });
    const spent = new Set<string>();
    storage.fault = (request, response) => {
      const url = request.url ?? '';
      if (spent.has(url)) return sendJson(response, 403, { code: 'ExpiredToken' });
      spent.add(url);
      if (spent.size > 2) return false;
      const { start, end } = bounds(request.headers.range, SIZE);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': end - start,
        ...(start > 0 ? { 'content-range': `bytes ${start}-${end - 1}/${SIZE}` } : {}),
      });
      response.write(registry.bytes.subarray(start, start + 400_000), () => response.destroy());
      return true;
    };
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(signature).toBe(3);
    await storage.close();
  });
});

describe('4.2 a cut at every megabyte of 50 MiB', () => {
  const registry = blobRegistry(50 * MIB);
  it.each([
    ['in one stream', { maxConnections: 1 }],
    ['in parts', {}],
  ])('ends right %s', async (_name, options) => {
    const size = registry.bytes.length;
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, size);
      const isPart = request.headers.range !== undefined;
      response.writeHead(isPart ? 206 : 200, {
        'content-length': end - start,
        ...(isPart ? { 'content-range': `bytes ${start}-${end - 1}/${size}` } : {}),
      });
      const stop = Math.min(end, start + MIB);
      if (stop === end) response.end(registry.bytes.subarray(start, stop));
      else response.write(registry.bytes.subarray(start, stop), () => response.destroy());
      return true;
    });
    expect((await registry.pull(options)).equals(registry.bytes)).toBe(true);
  });
});

describe('4.5 nodejs/undici#5405 a blob cut midway, read slowly', () => {
  const registry = blobRegistry(24 * MIB);
  it('comes to its end', async () => {
    let isFirst = true;
    const size = registry.bytes.length;
    registry.onLayer((_request, response) => {
      if (!isFirst) return false;
      isFirst = false;
      response.writeHead(200, { 'content-length': size });
      response.write(registry.bytes.subarray(0, size / 2), () => response.destroy());
      return true;
    });
    const { image, close } = await registry.open({ maxConnections: 1 });
    const pieces: Uint8Array[] = [];
    for await (const piece of image.layers[0]!.open(new AbortController().signal)) {
      pieces.push(piece);
      if (pieces.length % 20 === 0) await sleep(5);
    }
    expect(Buffer.concat(pieces).equals(registry.bytes)).toBe(true);
    await close();
  });
});

describe('3.4 content that needs no request, or one', () => {
  const twice = blobRegistry(MIB, {}, 2);
  it('containerd#3583 the same layer twice: both readings end, one after the other and at once', async () => {
    const { image, close } = await twice.open();
    const [lower, upper] = image.layers;
    const both = await Promise.all([readLayer(lower!), readLayer(upper!)]);
    for (const bytes of both) expect(bytes.equals(twice.bytes)).toBe(true);
    expect((await readLayer(lower!)).equals(twice.bytes)).toBe(true);
    expect(twice.ranges).toHaveLength(3);
    await close();
  });

  const empty = blobRegistry(0);
  it('containers-roadmap#1074 a blob of no bytes: is not asked for', async () => {
    empty.onLayer((_request, response) => sendJson(response, 500, {}));
    expect(await empty.pull()).toHaveLength(0);
    expect(empty.ranges).toEqual([]);
  });
});
