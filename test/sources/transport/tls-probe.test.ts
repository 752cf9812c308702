import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { speaksTls } from '../../../src/sources/registry/http/tls-probe.ts';

const never = new AbortController().signal;
const servers: Server[] = [];

async function listen(server: Server): Promise<URL> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

afterAll(() => {
  for (const server of servers) server.close();
});

test('a server of plain http speaks no TLS', async () => {
  const url = await listen(createHttpServer((_, response) => response.end()));
  expect(await speaksTls(url, 5000, never)).toBe(false);
});

test('a server that hangs up speaks no TLS', async () => {
  const url = await listen(createServer((socket) => socket.resetAndDestroy()));
  expect(await speaksTls(url, 5000, never)).toBe(false);
});

test('a server that can agree on no cipher speaks TLS all the same', async () => {
  const url = await listen(createTlsServer({ maxVersion: 'TLSv1.2' }));
  expect(await speaksTls(url, 5000, never)).toBe(true);
});

test('where nobody listens, there is nobody to speak TLS', async () => {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await speaksTls(url, 5000, never)).toBe(false);
});

test('a server that says nothing is left to the request that follows', async () => {
  const url = await listen(createServer((socket) => socket.on('error', () => undefined)));
  expect(await speaksTls(url, 100, never)).toBe(true);
});

test('a cancelled build does not wait', async () => {
  const url = await listen(createServer((socket) => socket.on('error', () => undefined)));
  expect(await speaksTls(url, 60_000, AbortSignal.timeout(50))).toBe(true);
});
