/** nginx on free loopback ports, in front of a registry or beside it. */

import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './docker-registry.ts';
import { findTool } from './tools.ts';

/** Long enough for a busy machine to start a small daemon. */
const START_TIMEOUT_MS = 30_000;

/** Where nginx would otherwise need folders of the system. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface Nginx {
  /** `127.0.0.1:port` of each server, in order. */
  readonly hosts: readonly string[];
  /** Lines of its access log: status, method, path and query, and the range or `-`. */
  requests(): Promise<string[]>;
  close(): Promise<void>;
}

/** What stands in a `server { }` of its configuration, given the hosts of all servers. */
export type ServerText = (hosts: readonly string[]) => readonly string[];

/** Starts it with these servers; those with an `ssl_certificate` speak TLS. */
export async function startNginx(folder: string, servers: readonly ServerText[]): Promise<Nginx> {
  await mkdir(folder, { recursive: true });
  const ports = await Promise.all(servers.map(() => freePort()));
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  const config = join(folder, 'nginx.conf');
  await writeFile(config, configText(folder, hosts, servers));
  const args = ['-p', folder, '-c', config, '-e', join(folder, 'error.log')];
  const child = spawn(findTool('nginx') ?? 'nginx', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-4000);
    });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await Promise.all(ports.map(accepts))).every(Boolean)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close();
      throw new Error(`nginx does not start: ${output}`);
    }
    await sleep(30);
  }
  const requests = async (): Promise<string[]> =>
    (await readFile(join(folder, 'access.log'), 'utf8')).split('\n').filter(Boolean);
  return { hosts, requests, close };
}

function configText(
  folder: string,
  hosts: readonly string[],
  servers: readonly ServerText[],
): string {
  const blocks = servers.map((text, index) => {
    const lines = text(hosts);
    const isTls = lines.some((line) => line.startsWith('ssl_certificate '));
    const listen = `listen ${hosts[index]}${isTls ? ' ssl' : ''};`;
    return ['server {', listen, ...lines, '}'].join('\n');
  });
  return [
    // Its workers would otherwise be nobody, who may not read the test's folder.
    process.getuid?.() === 0 ? 'user root;' : '',
    `daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')};`,
    'events { worker_connections 128; }',
    'http {',
    ...TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`),
    `log_format plain '$status $request_method $request_uri $http_range';`,
    `access_log ${join(folder, 'access.log')} plain;`,
    ...blocks,
    '}',
  ].join('\n');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
