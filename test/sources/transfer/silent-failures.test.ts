import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MOST_BLOB_ATTEMPTS } from '../../../src/sources/registry/transfer/timing.ts';
import { type Fault, openFast, startFaultyRegistry } from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { SampleStore } from '../sample-image.ts';
import { blobRegistry, FAST, MIB } from './blob-registry.ts';

const SIZE = MIB;
const HALF = SIZE / 2;
const QUICK = { ...FAST, bodyIdleMs: 150 };

describe('4.1 what HTTP clients do not notice', () => {
  const registry = blobRegistry(SIZE);
  const { bytes } = registry;

  /** Takes the connection out of the server's hands, which would not break the rules. */
  const raw = (socket: Socket, head: string, body: Uint8Array): Socket => {
    socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
    socket.write(body);
    return socket;
  };
  const first = bytes.subarray(0, HALF);
  const rows: [string, (socket: Socket) => unknown][] = [
    [
      'closes before Content-Length bytes',
      (socket) => raw(socket, `content-length: ${SIZE}`, first).end(),
    ],
    [
      'closes inside a chunked body',
      (socket) => {
        const size = `${SIZE.toString(16)}\r\n`;
        const chunk = Buffer.concat([Buffer.from(size), first]);
        raw(socket, 'transfer-encoding: chunked', chunk).end();
      },
    ],
    [
      'ends a chunked body early',
      (socket) => {
        const chunk = [
          Buffer.from(`${HALF.toString(16)}\r\n`),
          first,
          Buffer.from('\r\n0\r\n\r\n'),
        ];
        raw(socket, 'transfer-encoding: chunked', Buffer.concat(chunk)).end();
      },
    ],
    [
      'closes a close-delimited body early',
      (socket) => raw(socket, 'connection: close', first).end(),
    ],
    [
      'resets in the middle of a body',
      (socket) => {
        const line = raw(socket, `content-length: ${SIZE}`, first);
        setTimeout(() => line.resetAndDestroy(), 20);
      },
    ],
    [
      'states two lengths',
      (socket) => raw(socket, `content-length: ${SIZE}\r\ncontent-length: 5`, bytes).end(),
    ],
    ['stalls', (socket) => raw(socket, `content-length: ${SIZE}`, first)],
    [
      'docker/hub-feedback#1907 sends a page whose headers no parser takes',
      (socket) => socket.end('HTTP/1.1 429 Too Many Requests\nContent-Type: text/html\n\n<html>'),
    ],
  ];

  it.each(rows)('a server that %s, once: the blob is right', async (_row, answer) => {
    let isFirst = true;
    registry.onLayer(({ socket }) => {
      if (!isFirst) return false;
      isFirst = false;
      answer(socket);
      return true;
    });
    expect((await registry.pull({}, QUICK)).equals(bytes)).toBe(true);
    expect(registry.ranges).toHaveLength(2);
    expect(registry.retries).toHaveLength(1);
  });

  // A stall for ever only costs time: `registry-faults.test.ts` has it.
  const ending = rows.filter(([row]) => row !== 'stalls');
  it.each(ending)('a server that %s, always: one error, bounded', async (_row, answer) => {
    registry.onLayer(({ socket }) => {
      answer(socket);
      return true;
    });
    const error = await failureOf(registry.pull({}, QUICK));
    expect(['E_NETWORK', 'E_TRUNCATED', 'E_HTTP']).toContain(error.code);
    expect(error.message).toContain(registry.layer.digest);
    expect(registry.ranges.length).toBeLessThanOrEqual(2 * MOST_BLOB_ATTEMPTS);
  });

  it('a server that sends more bytes than Content-Length: they belong to nobody', async () => {
    registry.onLayer(({ socket }) => {
      const more = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil');
      raw(socket, `content-length: ${SIZE}`, Buffer.concat([bytes, more]));
      return true;
    });
    const { image, close } = await registry.open({}, QUICK);
    for (let times = 0; times < 3; times += 1)
      expect((await readLayer(image.layers[0]!)).equals(bytes)).toBe(true);
    await close();
  });
});

describe('nodejs/undici#2639 answers that nobody reads', () => {
  it('do not cut short the bodies of others', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `layer-${at}`);
    const store = new SampleStore();
    const server = await startFaultyRegistry(store, store.addImage('linux/amd64', names));
    const page = Buffer.alloc(200 * 1024, 'x');
    const refused = new Set<string>();
    const refuse: Fault = ({ url = '' }, response) => {
      if (!url.includes('/blobs/') || refused.has(url)) return false;
      refused.add(url);
      response.writeHead(503, { 'content-type': 'text/plain', 'content-length': page.length });
      response.end(page);
      return true;
    };
    server.fault = refuse;
    try {
      const { image, close } = await openFast(server);
      await Promise.all(image.layers.map((layer) => readLayer(layer)));
      expect(refused.size).toBe(names.length + 1);
      await close();
    } finally {
      await server.close();
    }
  });
});
