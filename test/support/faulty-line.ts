/** A line to a server that breaks: it carries bytes both ways and drops the connection after so many of them. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultyLine {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Connections that were cut. */
  cuts(): number;
  close(): Promise<void>;
}

/** Starts a line to `host` whose connections end once `bytes` have come down, in the middle of whatever it was. */
export async function startFaultyLine(host: string, bytes: number): Promise<FaultyLine> {
  const [name = '', port] = host.split(':');
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((down) => {
    const up = connect(Number(port), name);
    let left = bytes;
    const drop = (): void => {
      for (const socket of [up, down]) {
        socket.destroy();
        open.delete(socket);
      }
    };
    for (const socket of [up, down]) {
      open.add(socket);
      socket.on('error', drop).on('close', drop);
    }
    down.pipe(up);
    up.on('data', (chunk: Buffer) => {
      up.pause();
      const part = chunk.subarray(0, left);
      left -= part.length;
      down.write(part, () => {
        if (left > 0) return up.resume();
        cuts += 1;
        drop();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
