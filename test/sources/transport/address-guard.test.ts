import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressGuard, isPublic } from '../../../src/sources/registry/http/address-guard.ts';
import { HttpTransport } from '../../../src/sources/registry/http/transport.ts';
import { FAST } from '../faulty-registry.ts';

const signal = new AbortController().signal;

describe('2.4 rule 2: addresses', () => {
  it.each([
    ...['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '192.167.1.1', '169.253.1.1'],
    ...['2606:4700::1', '2a00::1', '::ffff:8.8.8.8'],
  ])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255'],
    ...['192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12::1', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::'],
  ])('%s is not', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it('a public registry leads to public addresses only, another one anywhere but to credentials', () => {
    const near = new AddressGuard();
    near.noteHome('10.0.0.1');
    expect(near.refusal('auth', '10.0.0.2')).toBeUndefined();
    expect(near.refusal('auth', '169.254.169.254')).toMatchObject({ code: 'E_POLICY' });
    const guard = new AddressGuard();
    guard.noteHome('8.8.8.8');
    expect(guard.refusal('auth', '1.1.1.1')).toBeUndefined();
    expect(guard.refusal('auth', '10.0.0.2')).toMatchObject({ code: 'E_POLICY' });
    expect(guard.refusal('auth', '::1')).toMatchObject({ code: 'E_POLICY' });
    // Its name server may say something else the next time.
    guard.noteHome('10.0.0.1');
    expect(guard.refusal('auth', '10.0.0.2')).toMatchObject({ code: 'E_POLICY' });
  });
});

describe('2.4 rule 3: the address that is really connected to', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const startServer = async (): Promise<{ port: number; seen: string[] }> => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        }),
    );
    return { port: (server.address() as AddressInfo).port, seen };
  };

  const transportTo = (home: string, guard = new AddressGuard()): HttpTransport => {
    const transport = new HttpTransport(
      {
        home,
        guard,
        environment: {},
        // Every name is this machine: what a rebinding name server would answer the second time.
        lookup: (_name, options, callback) =>
          options.all
            ? callback(null, [{ address: '127.0.0.1', family: 4 }])
            : callback(null, '127.0.0.1', 4),
      },
      FAST,
    );
    closing.push(() => transport.close());
    return transport;
  };

  it('from a registry on this machine, this machine may be', async () => {
    const [home, away] = [await startServer(), await startServer()];
    const transport = transportTo(`registry.example:${home.port}`);
    for (const [name, { port }] of [
      ['registry', home],
      ['cdn', away],
    ] as const) {
      const url = new URL(`http://${name}.example:${port}/`);
      const response = await transport.send({ url }, signal);
      expect(response.status).toBe(200);
      await response.body.text();
    }
  });

  it('from a public registry, nothing is sent here, whatever the name', async () => {
    const { port, seen } = await startServer();
    const guard = new AddressGuard();
    guard.noteHome('8.8.8.8');
    const transport = transportTo('registry.example', guard);
    for (const host of ['cdn.example', '127.0.0.1', '0x7f000001', '[::ffff:127.0.0.1]']) {
      const url = new URL(`http://${host}:${port}/token`);
      await expect(transport.send({ url }, signal)).rejects.toMatchObject({
        code: 'E_POLICY',
        message: expect.stringContaining('private address'),
      });
    }
    expect(seen).toEqual([]);
  });

  it('a name that leads to where credentials are is not asked', () => {
    const guard = new AddressGuard();
    expect(guard.refusal('metadata.example', 'fd00:ec2::254')).toMatchObject({
      code: 'E_POLICY',
      place: 'metadata.example at fd00:ec2::254',
    });
  });
});
