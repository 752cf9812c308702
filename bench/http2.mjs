/**
 * Whether HTTP/2 helps a pull: the client's HTTP library reads blobs from nginx over TLS, by HTTP/1.1 and by HTTP/2, near
 * and over a line with a round trip of 30 ms. Needs nginx and openssl.
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';
import { findTool, requireTools, run } from './lib/run.mjs';
import { spread } from './lib/statistics.mjs';
import { table } from './lib/table.mjs';

const ROUNDS = 5;
const ONE_WAY_MS = 15;
const MIB = 2 ** 20;
const SMALL = 100_000;
const AT_ONCE = 4;

/** What a pull consists of; `blobs` requests of `length` bytes, {@link AT_ONCE} at a time, or one blob in ranges. */
const LOADS = [
  { name: '40 blobs of 100 kB, four at once', file: 'small', length: SMALL, parts: 40 },
  { name: 'one blob of 64 MiB', file: 'large', length: 64 * MIB, parts: 1 },
  { name: 'the same in 16 ranges, four at once', file: 'large', length: 64 * MIB, parts: 16 },
];

/** Passes bytes on after {@link ONE_WAY_MS}, as far away as a registry on the same continent. */
function relay(/** @type {number} */ target) {
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.setNoDelay();
      from.on('data', (chunk) => setTimeout(() => to.write(chunk), ONE_WAY_MS));
      from.on('close', () => setTimeout(() => to.destroy(), ONE_WAY_MS));
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
}

/** @returns {Promise<number>} */
async function startRelay(/** @type {number} */ target) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: target });
  worker.unref();
  const address = await new Promise((resolve) => worker.once('message', resolve));
  return address.port;
}

/** nginx with `folder` as its files: HTTP/1.1 on the first port, HTTP/2 on the second. */
async function startNginx(/** @type {string} */ folder, /** @type {readonly number[]} */ ports) {
  const [plain, second] = ports;
  const tls = `ssl_certificate ${folder}/tls.crt; ssl_certificate_key ${folder}/tls.key;`;
  const server = (/** @type {string} */ listen) =>
    `server { listen ${listen}; ${tls} root ${folder}; keepalive_requests 10000; add_header protocol $server_protocol; }`;
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http { access_log off; sendfile on; ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
${server(`127.0.0.1:${plain} ssl`)} ${server(`127.0.0.1:${second} ssl http2`)} }`;
  await writeFile(join(folder, 'nginx.conf'), text);
  const child = spawn(findTool('nginx') ?? '', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
  await sleep(1000);
  return child;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Seconds for a load over connections of its own. */
async function time(
  /** @type {typeof LOADS[number]} */ { file, length, parts },
  /** @type {number} */ port,
  /** @type {boolean} */ allowH2,
) {
  const dispatcher = new Agent({ allowH2, pipelining: 1, connect: { rejectUnauthorized: false } });
  const isRanged = file === 'large' && parts > 1;
  const share = length / parts;
  const waiting = Array.from({ length: parts }, (_, at) => at);
  let bytes = 0;
  const readOn = async () => {
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      const range = `bytes=${at * share}-${(at + 1) * share - 1}`;
      const headers = isRanged ? { range } : {};
      const answer = await request(`https://127.0.0.1:${port}/${file}`, { dispatcher, headers });
      const { body } = answer;
      const { protocol } = answer.headers;
      const expected = allowH2 ? 'HTTP/2.0' : 'HTTP/1.1';
      if (protocol !== expected) throw new Error(`${protocol} where ${expected} is measured`);
      for await (const chunk of body) bytes += chunk.length;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  const seconds = (performance.now() - start) / 1000;
  await dispatcher.destroy();
  if (bytes !== (isRanged ? length : length * parts)) throw new Error(`${bytes} bytes of ${file}`);
  return seconds;
}

async function main() {
  requireTools('the measurement', ['nginx', 'openssl']);
  const folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-http2-'));
  const subject = ['-subj', '/CN=localhost', '-keyout', join(folder, 'tls.key')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const out = ['-out', join(folder, 'tls.crt')];
  await run('openssl', ['req', '-x509', '-nodes', '-days', '2', ...key, ...subject, ...out]);
  await writeFile(join(folder, 'small'), randomBytes(SMALL));
  await writeFile(join(folder, 'large'), randomBytes(64 * MIB));
  const near = [await freePort(), await freePort()];
  const nginx = await startNginx(folder, near);
  try {
    const far = await Promise.all(near.map(startRelay));
    const rows = [];
    for (const [line, ports] of /** @type {const} */ ([
      ['near', near],
      [`${2 * ONE_WAY_MS} ms away`, far],
    ]))
      for (const load of LOADS) rows.push([`${load.name}, ${line}`, ...(await race(load, ports))]);
    console.log(table(['', 'HTTP/1.1', 'range', 'HTTP/2', 'range'], rows));
  } finally {
    nginx.kill('SIGTERM');
    await rm(folder, { recursive: true });
  }
}

/** Both in turns, the first turn not counted. */
async function race(
  /** @type {typeof LOADS[number]} */ load,
  /** @type {readonly number[]} */ ports,
) {
  /** @type {number[][]} */
  const seconds = [[], []];
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [version, port] of ports.entries()) {
      const taken = await time(load, port, version === 1);
      if (round > 0) seconds[version].push(taken);
    }
  return seconds.flatMap((values) => {
    const { median, min, max } = spread(values);
    return [`${median.toFixed(2)} s`, `${min.toFixed(2)}..${max.toFixed(2)}`];
  });
}

if (isMainThread) await main();
else relay(workerData);
