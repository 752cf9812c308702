/**
 * Builds one image many times in a process of its own, and prints what stayed behind:
 * `node --expose-gc soak-builds.mjs SETTINGS`, where SETTINGS is JSON of `library`, `sources`, `folder` and `atOnce`.
 */

import { pbkdf2 } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Builds between two looks at the memory. */
const BATCH = 20;
/** A cache that was filled by this many builds is given up for an empty one, so that blobs are fetched again. */
const BUILDS_A_CACHE = 10;

/** The pipes of this process, and files that are just being closed. */
const OWN = new Set(['PipeWrap', 'CloseReq']);

const { library, sources, folder, atOnce } = JSON.parse(process.argv[2] ?? '{}');
const { build } = await import(library);
const digests = new Map();
const failures = [];
let retries = 0;

/** Every second build keeps what it downloads, with others that do so at the same time. */
async function buildOne(source, number) {
  const output = `${folder}/images/${number}.erofs`;
  const cached = number % 2 === 0;
  const cache = cached ? `${folder}/cache/${Math.floor(number / BUILDS_A_CACHE)}` : false;
  const onEvent = ({ type }) => {
    retries += type === 'retry' ? 1 : 0;
  };
  const fixed = { platform: 'linux/amd64', timestamp: 1_700_000_000, anonymous: true };
  try {
    const { sha256 } = await build({ ...fixed, source, output, cache, threads: 1, onEvent });
    digests.set(sha256, (digests.get(sha256) ?? 0) + 1);
  } catch (error) {
    failures.push(`${source}: ${error.code} ${error.message}`);
  }
  rmSync(output, { force: true });
}

async function buildBatch(first) {
  const waiting = sources.slice(first, first + BATCH).map((source, at) => [source, first + at]);
  const buildOn = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await buildOne(...next);
  };
  await Promise.all(Array.from({ length: atOnce }, buildOn));
}

/** Bytes that are still held after all garbage is gone. */
async function held() {
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc();
    await sleep(20);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, rss };
}

/** Open files without the numbers in their names, timers and the like, threads. */
function holdings() {
  const files = readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`).replace(/\d+/g, '')];
    } catch {
      return [];
    }
  });
  const threads = readdirSync('/proc/self/task').length;
  const resources = process.getActiveResourcesInfo().filter((name) => !OWN.has(name));
  return { files: files.sort(), resources, threads };
}

/** Node starts the threads of its own pool when they are first needed; they stay, and are no build's doing. */
async function startOwnThreads() {
  const work = () => promisify(pbkdf2)('', '', 10_000, 16, 'sha256');
  await Promise.all(Array.from({ length: 4 * Number(process.env.UV_THREADPOOL_SIZE ?? 4) }, work));
}

mkdirSync(`${folder}/images`);
await startOwnThreads();
// With the first stream of any kind, libuv opens a file of its own for the loop, and keeps it (`uv__stream_init`).
void process.stdout;
const before = holdings();
const memory = [];
for (let first = 0; first < sources.length; first += BATCH) {
  await buildBatch(first);
  memory.push(await held());
}
process.stdout.write(
  JSON.stringify({ digests: [...digests], failures, retries, memory, before, after: holdings() }),
);
