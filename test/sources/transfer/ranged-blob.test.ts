import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PART_BYTES, RANGED_FROM } from '../../../src/sources/registry/transfer/ranged-blob.ts';
import { sendJson, sendRange } from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { blobRegistry, bounds, FAST, MIB } from './blob-registry.ts';

const SIZE = RANGED_FROM + PART_BYTES + 12_345;
const ALL_PARTS = Array.from({ length: Math.ceil(SIZE / PART_BYTES) }, (_, index) => {
  const end = Math.min((index + 1) * PART_BYTES, SIZE);
  return `bytes=${index * PART_BYTES}-${end - 1}`;
});

describe('4.4 a large blob in several ranges', () => {
  const registry = blobRegistry(SIZE);

  it('is asked for part by part, the first one alone', async () => {
    let most = 0;
    let underWay = 0;
    registry.onLayer((request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      response.on('close', () => {
        underWay -= 1;
      });
      return sendRange(registry.bytes, 'x', request, response);
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect([...registry.ranges].sort()).toEqual([...ALL_PARTS].sort());
    expect(registry.ranges[0]).toBe(ALL_PARTS[0]);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('is in order though its parts are not', async () => {
    registry.onLayer((request, response) => {
      const { start } = bounds(request.headers.range, SIZE);
      const wait = start === 0 ? 0 : 10 * (8 - ((start / PART_BYTES) % 8));
      setTimeout(() => sendRange(registry.bytes, 'x', request, response), wait);
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
  });

  it('is taken whole where the first answer is 200', async () => {
    registry.onLayer((_request, response) => {
      response.writeHead(200, { 'content-length': SIZE });
      response.end(registry.bytes);
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([ALL_PARTS[0]]);
  });

  it.each([
    ['200', 200, {}],
    ['416', 416, {}],
    ['the wrong part', 206, { 'content-range': `bytes 0-9/${SIZE}` }],
    ['a part of another blob', 206, { 'content-range': 'bytes 4194304-8388607/9000000' }],
    ['403', 403, {}],
  ])('goes on in one stream where a later part gets %s', async (_name, status, headers) => {
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, SIZE);
      if (start === 0 || end === SIZE) return false;
      response.writeHead(status, headers as Record<string, string>);
      response.end('odd');
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    // A part that was asked for before may reach a busy server after it.
    expect(registry.ranges).toContain(`bytes=${PART_BYTES}-${SIZE - 1}`);
    expect(registry.ranges.length).toBeLessThanOrEqual(5);
  });

  it.each([416, 206])('starts again in one stream where the first answer is %i', async (status) => {
    registry.onLayer((request, response) => {
      if (request.headers.range === undefined || registry.ranges.length > 1) return false;
      response.writeHead(status);
      response.end('odd');
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([ALL_PARTS[0], undefined]);
  });

  it.each([429, 503])(
    'goes back to one connection after a single %i, and stays there',
    async (status) => {
      let refused = 0;
      registry.onLayer((request, response) => {
        const { start } = bounds(request.headers.range, SIZE);
        if (start === 0 || refused > 0) return false;
        refused += 1;
        return sendJson(
          response,
          status,
          { errors: [{ code: 'SlowDown' }] },
          { 'retry-after': '0' },
        );
      });
      const { image, close } = await registry.open();
      expect((await readLayer(image.layers[0]!)).equals(registry.bytes)).toBe(true);
      expect(registry.retries).toHaveLength(1);
      expect(refused).toBe(1);
      registry.server.seen.length = 0;
      expect((await readLayer(image.layers[0]!)).equals(registry.bytes)).toBe(true);
      expect(registry.ranges).toEqual([undefined]);
      await close();
    },
  );

  it('resumes each part where it was cut', async () => {
    const cut = new Set<number>();
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, SIZE);
      const part = Math.floor(start / PART_BYTES);
      if (cut.has(part)) return false;
      cut.add(part);
      response.writeHead(206, {
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
      });
      response.write(registry.bytes.subarray(start, start + 9000), () => response.destroy());
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toContain(`bytes=9000-${PART_BYTES - 1}`);
    expect(registry.ranges).toHaveLength(2 * ALL_PARTS.length);
  });

  it('ends in one error, with nothing under way, where one part never comes', async () => {
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, SIZE);
      if (start !== 2 * PART_BYTES && end !== SIZE) return false;
      response.destroy();
      return true;
    });
    const error = await failureOf(registry.pull());
    expect(error.code).toBe('E_NETWORK');
    expect(error.message).toContain(`byte ${2 * PART_BYTES} of ${SIZE}`);
    expect(error.message).toContain(registry.layer.digest);
    expect(error.message).toContain(registry.server.host);
    expect(registry.ranges.length).toBeLessThan(30);
  });

  it('stops asking while nobody reads, and goes on after that', async () => {
    const { image, close } = await registry.open();
    const reading = image.layers[0]!.open(new AbortController().signal)[Symbol.asyncIterator]();
    const pieces = [(await reading.next()).value as Uint8Array];
    await sleep(300);
    expect(registry.ranges.length).toBeLessThanOrEqual(4);
    for (let next = await reading.next(); !next.done; next = await reading.next())
      pieces.push(next.value);
    expect(Buffer.concat(pieces).equals(registry.bytes)).toBe(true);
    await close();
  });

  it('lets go of every connection when it is cancelled, and when it is left', async () => {
    let open = 0;
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, SIZE);
      open += 1;
      response.on('close', () => {
        open -= 1;
      });
      response.writeHead(206, {
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${SIZE}`,
      });
      response.write(registry.bytes.subarray(start, start + 70_000));
      return true;
    });
    const { image, close } = await registry.open();
    const controller = new AbortController();
    const error = await failureOf(
      (async () => {
        for await (const _chunk of image.layers[0]!.open(controller.signal))
          setTimeout(() => controller.abort(), 50);
      })(),
    );
    expect(error.code).toBe('E_ABORTED');
    await expect.poll(() => open).toBe(0);
    for await (const _chunk of image.layers[0]!.open(new AbortController().signal)) break;
    await expect.poll(() => open).toBe(0);
    await close();
  });

  it('goes on in one stream where the first part comes fast enough', async () => {
    const timing = { ...FAST, enoughBytesPerSecond: 1 };
    expect((await registry.pull({}, timing)).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([ALL_PARTS[0], `bytes=${PART_BYTES}-${SIZE - 1}`]);
  });

  it('has one connection where no more are allowed', async () => {
    expect((await registry.pull({ maxConnections: 1 })).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toEqual([undefined]);
  });
});

describe.each([
  [RANGED_FROM - 1, 1],
  [RANGED_FROM, RANGED_FROM / PART_BYTES],
  [RANGED_FROM + 1, RANGED_FROM / PART_BYTES + 1],
  [RANGED_FROM + PART_BYTES - 1, RANGED_FROM / PART_BYTES + 1],
])('a blob of %i bytes', (size, requests) => {
  const registry = blobRegistry(size);
  it(`takes ${requests} requests`, async () => {
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
    expect(registry.ranges).toHaveLength(requests);
  });
});

describe('containerd#12291 parallel parts under many failures', () => {
  const registry = blobRegistry(RANGED_FROM + 3 * MIB);
  it('never change the bytes', async () => {
    const size = registry.bytes.length;
    let requests = 0;
    registry.onLayer((request, response) => {
      const { start, end } = bounds(request.headers.range, size);
      requests += 1;
      if (requests % 3 === 0) return false;
      response.writeHead(206, {
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${size}`,
      });
      const some = registry.bytes.subarray(start, Math.min(end, start + 300_000 + requests * 7));
      response.write(some, () => response.destroy());
      return true;
    });
    expect((await registry.pull()).equals(registry.bytes)).toBe(true);
  });
});
