/** The `docker-registry` daemon on a free loopback port, with its storage in a folder of the test. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KeyPair,
  makeCertificate,
  startTokenServer,
  type TokenServer,
} from './token-server.ts';
import { findTool } from './tools.ts';

/** What tests that use {@link startRegistry} need. */
export const REGISTRY_NEEDS = { tools: ['docker-registry', 'skopeo', 'openssl'] } as const;

/** The one user; the names tell a leak from a coincidence. */
export const USERNAME = 'canary-user';
export const PASSWORD = 'correct-horse-canary';

/** bcrypt of {@link PASSWORD}; the daemon reads no other form of htpasswd. */
const PASSWORD_HASH = '$2b$05$abcdefghijklmnopqrstuuFKSGhOSaBUdq2in3tJnwcJ/5EpH/1ku';

const SERVICE = 'test-registry';
const ISSUER = 'test-issuer';

/** Long enough for a busy machine to start a small daemon. */
const START_TIMEOUT_MS = 30_000;

export interface RegistryOptions {
  readonly auth?: 'open' | 'basic' | 'token';
  /** True for a certificate that signs itself. */
  readonly tls?: boolean | KeyPair;
  /** URL of a registry to be a pull-through cache of, with the login of {@link USERNAME}. */
  readonly upstream?: string;
  /** Settings of the token server. */
  readonly token?: {
    readonly algorithm?: 'ES256' | 'RS256';
    readonly field?: 'token' | 'access_token';
    readonly expiresIn?: number;
    readonly lifetime?: number;
  };
}

export interface Registry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Where its blobs lie: `sha256/ab/abcd…/data`. */
  readonly blobFolder: string;
  /** Arguments of skopeo for a copy to this registry. */
  readonly pushOptions: readonly string[];
  readonly tokenServer: TokenServer | undefined;
  close(): Promise<void>;
}

/** Starts a registry; `folder` is made. */
export async function startRegistry(
  folder: string,
  { auth = 'open', tls = false, token = {}, upstream }: RegistryOptions = {},
): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const tokenServer =
    auth === 'token'
      ? await startTokenServer({
          folder,
          issuer: ISSUER,
          service: SERVICE,
          username: USERNAME,
          password: PASSWORD,
          publicPrefix: 'public/',
          ...token,
        })
      : undefined;
  const lines = [
    ...['version: 0.1', 'log:', '  level: error', 'storage:', '  filesystem:'],
    `    rootdirectory: ${join(folder, 'storage')}`,
    ...['http:', `  addr: 127.0.0.1:${port}`, ...(await tlsLines(folder, tls))],
    ...(await authLines(folder, auth, tokenServer)),
    ...(upstream === undefined
      ? []
      : [
          'proxy:',
          `  remoteurl: ${upstream}`,
          `  username: ${USERNAME}`,
          `  password: ${PASSWORD}`,
        ]),
  ];
  const config = join(folder, 'config.yml');
  await writeFile(config, `${lines.join('\n')}\n`);
  const stop = await startDaemon(
    config,
    `${tls === false ? 'http' : 'https'}://127.0.0.1:${port}/v2/`,
  );
  return {
    host: `127.0.0.1:${port}`,
    blobFolder: join(folder, 'storage/docker/registry/v2/blobs'),
    pushOptions: auth === 'open' ? [] : ['--dest-creds', `${USERNAME}:${PASSWORD}`],
    tokenServer,
    close: async () => {
      await stop();
      await tokenServer?.close();
    },
  };
}

async function tlsLines(folder: string, tls: boolean | KeyPair): Promise<string[]> {
  if (tls === false) return [];
  const { key, certificate } = tls === true ? await makeCertificate(folder, 'tls') : tls;
  return ['  tls:', `    certificate: ${certificate}`, `    key: ${key}`];
}

async function authLines(
  folder: string,
  auth: string,
  tokenServer: TokenServer | undefined,
): Promise<string[]> {
  if (auth === 'basic') {
    const path = join(folder, 'htpasswd');
    await writeFile(path, `${USERNAME}:${PASSWORD_HASH}\n`);
    return ['auth:', '  htpasswd:', '    realm: test', `    path: ${path}`];
  }
  if (tokenServer === undefined) return [];
  return [
    ...['auth:', '  token:', `    realm: ${tokenServer.url}`, `    service: ${SERVICE}`],
    ...[`    issuer: ${ISSUER}`, `    rootcertbundle: ${tokenServer.certificate}`],
  ];
}

/** Another process may take the port before the daemon does; the daemon then fails to start, visibly. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function startDaemon(config: string, url: string): Promise<() => Promise<void>> {
  const command = findTool('docker-registry') ?? 'docker-registry';
  const child = spawn(command, ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-4000);
    });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stopDaemon(child);
      throw new Error(`docker-registry does not start: ${output}`);
    }
    await sleep(50);
  }
  return () => stopDaemon(child);
}

async function stopDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Any answer will do; with TLS a refused certificate is one. */
async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch (error) {
    return String((error as { cause?: unknown }).cause).includes('certificate');
  }
}
