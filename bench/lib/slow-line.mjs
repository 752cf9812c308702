/** A line to a server that carries no more than so many bytes a second, of all connections together. */

import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param {string} host name and port of the server
 * @param {number} bytesPerSecond towards the client
 * @returns {Promise<{ host: string, stop: () => Promise<void> }>}
 */
export async function startSlowLine(host, bytesPerSecond) {
  const [name, port] = host.split(':');
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let free = performance.now();
  const server = createServer((client) => {
    const upstream = connect(Number(port), name);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    carry().catch(() => client.destroy());

    async function carry() {
      for await (const piece of upstream) {
        const now = performance.now();
        free = Math.max(now, free) + (piece.length / bytesPerSecond) * 1000;
        await sleep(free - now);
        if (!client.write(piece)) await new Promise((resolve) => client.once('drain', resolve));
      }
      client.end();
    }
  });
  await new Promise((resolve) => server.listen(0, name, () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host: `${name}:${address.port}`, stop };
}
