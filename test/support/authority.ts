/** A certificate authority of the test's own, and certificates that it signs. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyPair } from './token-server.ts';
import { run } from './tools.ts';

const NEW_KEY = ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

export interface Authority {
  /** PEM file to trust. */
  readonly certificate: string;
  /** A key and a certificate for the loopback address. */
  issue(name: string): Promise<KeyPair>;
}

/** Makes an authority; `folder` is made. */
export async function makeAuthority(folder: string): Promise<Authority> {
  await mkdir(folder, { recursive: true });
  const own = { key: join(folder, 'ca.key'), certificate: join(folder, 'ca.crt') };
  const subject = ['-subj', '/CN=authority of a test'];
  const files = ['-keyout', own.key, '-out', own.certificate];
  await run('openssl', ['req', '-x509', '-days', '2', ...NEW_KEY, ...subject, ...files]);
  const issue = async (name: string): Promise<KeyPair> => {
    const [key, request, certificate, extensions] = ['key', 'csr', 'crt', 'ext'].map((kind) =>
      join(folder, `${name}.${kind}`),
    ) as [string, string, string, string];
    const asked = ['-subj', `/CN=${name}`, '-keyout', key, '-out', request];
    await run('openssl', ['req', '-new', ...NEW_KEY, ...asked]);
    await writeFile(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const signer = ['-CA', own.certificate, '-CAkey', own.key, '-CAcreateserial'];
    const signed = ['-in', request, '-out', certificate, '-extfile', extensions];
    await run('openssl', ['x509', '-req', '-days', '2', ...signer, ...signed]);
    return { key, certificate };
  };
  return { certificate: own.certificate, issue };
}
