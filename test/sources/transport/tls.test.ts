/** TLS with real certificates: private authorities, client certificates, `certs.d`, and what is not to be trusted. */

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTlsMaterial } from '../../../src/sources/registry/http/tls-files.ts';
import { HttpTransport } from '../../../src/sources/registry/http/transport.ts';
import { describeWith } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { FAST } from '../faulty-registry.ts';
import { failureOf } from '../read-layers.ts';

const openssl = (...args: string[]) => promisify(execFile)('openssl', args);
const signal = new AbortController().signal;

describeWith({ tools: ['openssl'] }, '2.6 TLS', () => {
  const path = useWorkFolder();
  const closing: (() => Promise<void>)[] = [];
  let tls: (name: string, more?: ServerOptions) => Promise<number>;
  const names = { right: 'IP:127.0.0.1,DNS:localhost', other: 'DNS:elsewhere.example' };

  /** A key and a certificate of our own authority; `days` may be past. */
  const issue = async (name: string, subject: string, days = '2'): Promise<void> => {
    const [key, request, made] = ['key', 'csr', 'crt'].map((kind) => path(`${name}.${kind}`));
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await openssl('req', ...fresh, '-keyout', key!, '-out', request!, '-subj', `/CN=${name}`);
    await writeFile(path(`${name}.ext`), `subjectAltName=${subject}\n`);
    await openssl(
      ...['x509', '-req', '-in', request!, '-out', made!, '-days', days, '-CAcreateserial'],
      ...['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-extfile', path(`${name}.ext`)],
    );
  };

  beforeAll(async () => {
    await openssl(
      ...['req', '-x509', '-nodes', '-days', '2', '-newkey', 'ec'],
      ...['-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=our authority'],
      ...['-keyout', path('ca.key'), '-out', path('ca.crt')],
    );
    await issue('right', names.right);
    await issue('other', names.other);
    await issue('expired', names.right, '-1').catch(() => issue('expired', names.right, '0'));
    await issue('client', 'DNS:client');
    tls = async (name, more = {}) => {
      const [key, cert] = await Promise.all([
        readFile(path(`${name}.key`)),
        readFile(path(`${name}.crt`)),
      ]);
      const server = createServer({ key, cert, ...more }, (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        response.end(String(subject?.CN ?? 'nobody'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closing.push(
        () =>
          new Promise((resolve) => {
            server.closeAllConnections();
            server.close(() => resolve());
          }),
      );
      return (server.address() as AddressInfo).port;
    };
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const ask = async (port: number, options = {}, folders: string[] = [], home = port) => {
    const host = `127.0.0.1:${home}`;
    const material = await readTlsMaterial(host, options, folders);
    const transport = new HttpTransport({ home: host, tls: material, ...options }, FAST);
    try {
      const url = new URL(`https://127.0.0.1:${port}/`);
      const response = await transport.send({ url }, signal);
      return await response.body.text();
    } finally {
      await transport.close();
    }
  };

  it('an unknown authority is refused, with what to do', async () => {
    const error = await failureOf(ask(await tls('right')));
    expect(error.code).toBe('E_NETWORK');
    expect(error.message).toMatch(/untrusted certificate.*--ca-file.*--insecure/);
  });

  it('--ca-file trusts it', async () => {
    expect(await ask(await tls('right'), { caFile: path('ca.crt') })).toBe('nobody');
  });

  it.each([
    ['other', /certificate.*use a name that it is made out for/],
    ['expired', /certificate.*look at the clock/],
  ])('%s is refused all the same, with what to do', async (name, message) => {
    const error = await failureOf(ask(await tls(name), { caFile: path('ca.crt') }));
    expect(error).toMatchObject({ code: 'E_NETWORK' });
    expect(error.message).toMatch(message);
  });

  it('--insecure trusts anybody, at that host', async () => {
    expect(await ask(await tls('other'), { insecure: true })).toBe('nobody');
  });

  const mutual = async (): Promise<number> =>
    tls('right', {
      ca: await readFile(path('ca.crt')),
      requestCert: true,
      rejectUnauthorized: false,
    });
  const pair = () => ({ certFile: path('client.crt'), keyFile: path('client.key') });

  it('a client certificate is shown to the registry', async () => {
    expect(await ask(await mutual(), { caFile: path('ca.crt'), ...pair() })).toBe('client');
  });

  it('and to nobody else, on another port of the same host too', async () => {
    const [home, other] = [await mutual(), await mutual()];
    expect(await ask(other, { caFile: path('ca.crt'), ...pair() }, [], home)).toBe('nobody');
  });

  it('certs.d has both', async () => {
    const port = await mutual();
    const folder = path(`certs/127.0.0.1:${port}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'our.crt'), await readFile(path('ca.crt')));
    await writeFile(join(folder, 'me.cert'), await readFile(path('client.crt')));
    await writeFile(join(folder, 'me.key'), await readFile(path('client.key')));
    expect(await ask(port, {}, [path('none'), path('certs')])).toBe('client');
    // The first folder that knows the host is the only one.
    await mkdir(path(`empty/127.0.0.1:${port}`), { recursive: true });
    const error = await failureOf(ask(port, {}, [path('empty'), path('certs')]));
    expect(error.code).toBe('E_NETWORK');
  });

  it.each(['me.cert', 'me.key'])('certs.d with %s alone is refused by name', async (name) => {
    const folder = path(`lonely-${name}/host`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), '');
    const error = await failureOf(readTlsMaterial('host', {}, [path(`lonely-${name}`)]));
    expect(error).toMatchObject({ code: 'E_SOURCE', place: folder });
    expect(error.message).toContain(name);
  });

  it('files that are no certificates are refused by name, and nothing of them is told', async () => {
    await writeFile(path('secret'), 'canary-of-a-secret');
    await writeFile(
      path('broken'),
      '-----BEGIN CERTIFICATE-----\ncanaryofasecret\n-----END CERTIFICATE-----\n',
    );
    const wrong = [
      { caFile: path('secret') },
      { caFile: path('broken') },
      { caFile: path('missing') },
      { caFile: path('.') },
      { certFile: path('secret'), keyFile: path('client.key') },
      { certFile: path('client.crt'), keyFile: path('secret') },
      { certFile: path('client.crt'), keyFile: path('right.key') },
    ];
    for (const options of wrong) {
      const error = await failureOf(readTlsMaterial('host', options, []));
      expect(error).toMatchObject({ code: 'E_SOURCE', place: Object.values(options)[0] });
      expect(error.message).not.toContain('canary');
    }
    const alone = await failureOf(readTlsMaterial('host', { certFile: path('client.crt') }, []));
    expect(alone.code).toBe('E_USAGE');
  });
});
