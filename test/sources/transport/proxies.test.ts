/** Through real proxies on this machine, which remember what they were asked. */

import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../../src/sources/registry/http/transport.ts';
import { FAST } from '../faulty-registry.ts';
import { everythingSaid, failureOf } from '../read-layers.ts';

const signal = new AbortController().signal;
const LOGIN = `Basic ${btoa('me:canary')}`;

describe('2.6 proxies', () => {
  const sockets = new Set<Socket>();
  let seen: string[] = [];
  let logins: (string | undefined)[] = [];
  let wants: string | undefined;
  const target = createServer((incoming, response) => {
    response.end(`reached ${incoming.headers.host}, ${incoming.headers['proxy-authorization']}`);
  });
  const accepts = ({ method, url = '', headers }: IncomingMessage): boolean => {
    seen.push(`${method} ${url}`);
    logins.push(headers['proxy-authorization']);
    return wants === undefined || headers['proxy-authorization'] === wants;
  };
  /** All names are the target's: a test has no network. */
  const proxy = createServer((incoming, response) => {
    if (!accepts(incoming)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' });
      response.end();
      return;
    }
    const { host } = new URL(incoming.url ?? '');
    const { port } = target.address() as AddressInfo;
    const onward = request({ host: '127.0.0.1', port, headers: { host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.end();
  });

  beforeAll(async () => {
    for (const server of [target, proxy]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      server.on('connection', (socket: Socket) => sockets.add(socket));
    }
    proxy.on('connect', (incoming: IncomingMessage, socket: Socket) => {
      if (!accepts(incoming)) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      const { port } = target.address() as AddressInfo;
      const onward = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of [target, proxy]) server.close();
  });
  beforeEach(() => {
    seen = [];
    logins = [];
    wants = undefined;
  });

  const ask = async (url: string, login = ''): Promise<string> => {
    const { port } = proxy.address() as AddressInfo;
    const setting = `http://${login}127.0.0.1:${port}`;
    const environment = { HTTP_PROXY: setting, HTTPS_PROXY: setting, NO_PROXY: 'near.example' };
    const transport = new HttpTransport({ home: 'registry.example', environment }, FAST);
    try {
      const response = await transport.send({ url: new URL(url) }, signal);
      return `${response.status} ${await response.body.text()}`;
    } finally {
      await transport.close();
    }
  };

  it('are asked for http in absolute form', async () => {
    const answer = await ask('http://registry.example/v2/');
    expect(answer).toBe('200 reached registry.example, undefined');
    expect(seen).toEqual(['GET http://registry.example/v2/']);
  });

  it('get their login, and the registry does not', async () => {
    wants = LOGIN;
    expect(await ask('http://registry.example/v2/', 'me:canary@')).toContain('undefined');
    expect(logins).toEqual([LOGIN]);
  });

  it('are asked for a tunnel to https, and get their login there', async () => {
    wants = LOGIN;
    // The target speaks no TLS: that the tunnel is there is enough.
    const error = await failureOf(ask('https://registry.example/v2/', 'me:canary@'));
    expect(error.code).toBe('E_NETWORK');
    expect(seen[0]).toBe('CONNECT registry.example:443');
    expect(logins[0]).toBe(LOGIN);
    expect(everythingSaid(error)).not.toContain('canary');
  });

  it.each(['http', 'https'])(
    'that refuse the login are named as what is wrong, without the login (%s)',
    async (scheme) => {
      wants = 'Basic something else';
      const error = await failureOf(ask(`${scheme}://registry.example/v2/`, 'me:canary@'));
      expect(error.code).toBe('E_AUTH');
      expect(error.message).toMatch(/proxy wants a login \(407\)/);
      expect(everythingSaid(error)).not.toMatch(/canary/);
    },
  );

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'http://0xa9fea9fe/',
  ])('2.4 rule 2: are not asked for credentials of a cloud: %s', async (url) => {
    const error = await failureOf(ask(url));
    expect(error.code).toBe('E_POLICY');
    expect(seen).toEqual([]);
  });

  it('are left out for this machine', async () => {
    const { port } = target.address() as AddressInfo;
    expect(await ask(`http://127.0.0.1:${port}/`)).toContain('200 reached 127.0.0.1');
    expect(seen).toEqual([]);
  });
});
