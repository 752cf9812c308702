/** Where the processor time of a Node program goes, by kind of work, on each of its threads: `node --cpu-prof`. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';

/** Half of V8's default: short functions are seen, and the program is hardly slower. */
const INTERVAL_MICROSECONDS = 500;

/**
 * Kinds of work: the first rule that fits the place of a function decides. Folders rather than files are named, so that
 * a file may come and go.
 * @type {readonly (readonly [string, RegExp])[]}
 */
const KINDS = [
  ['idle', /^\(idle\)$|atomicsWaitLoop$| wait$/],
  ['garbage collection', /^\(garbage collector\)$/],
  ['native code outside of any function', /^\(program\)$|^\(root\)$/],
  ['kernels: inflate, CRC, blocks', /^wasm:|dist\/kernels\//],
  ['hash', /internal\/crypto|digester|hash-image|verify-layer/],
  ['tar', /dist\/tar\//],
  ['frames and messages', /dist\/pool\/|piscina|postMessage|internal\/worker|MessagePort/],
  ['merge', /dist\/tree\//],
  ['plan', /dist\/plan\//],
  [
    'fetch',
    /dist\/(sources|oci)\/|undici|internal\/(streams|http|net|tls|dns|stream_base)|node:(net|_http|_tls|https?)/,
  ],
  [
    'read and write files',
    /dist\/commit\/|dist\/image\/|internal\/fs|^(read|write\w*|open\w*|f?stat|fsync|ftruncate|close|lstat) /,
  ],
  ['image: content, directories, inodes', /dist\/(build|erofs)\//],
  ['command line', /dist\/cli\/|commander|log-update/],
  [
    'start: load and compile',
    /internal\/(modules|bootstrap|process|main|vm|util|url|deps|errors|per_context)|node:(path|url|vm)|^(compile\w*|internalModuleStat|wrapSafe) /,
  ],
];
const OTHER = 'other';
const TOP_FUNCTIONS = 12;

/**
 * @typedef {object} ThreadTimes
 * @property {string} thread `main`, `thread 1` and so on
 * @property {number} seconds from its start to its end
 * @property {Record<string, number>} kinds seconds by kind of work
 */

/**
 * @typedef {object} Profile
 * @property {ThreadTimes[]} threads
 * @property {{ place: string, kind: string, seconds: number }[]} top functions of all threads, idle ones excepted
 */

/**
 * Runs a program of Node's once.
 * @param {readonly string[]} args of Node: the script and its arguments
 * @returns {Promise<Profile>}
 */
export async function profile(args) {
  const folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-profile-'));
  try {
    const flags = ['--cpu-prof', `--cpu-prof-interval=${INTERVAL_MICROSECONDS}`];
    await run(process.execPath, [...flags, `--cpu-prof-dir=${folder}`, ...args]);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
    if (names.length === 0) throw new Error('node wrote no profile');
    const profiles = await Promise.all(
      names.map(async (name) => ({
        // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile
        thread: Number(name.split('.')[4]),
        ...JSON.parse(await readFile(join(folder, name), 'utf8')),
      })),
    );
    return summarise(profiles.sort((a, b) => a.thread - b.thread));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly { thread: number, startTime: number, endTime: number, nodes: any[], samples: number[], timeDeltas: number[] }[]} profiles
 * @returns {Profile}
 */
function summarise(profiles) {
  /** @type {Map<string, number>} */
  const functions = new Map();
  const threads = profiles.map(({ thread, startTime, endTime, nodes, samples, timeDeltas }) => {
    const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
    /** @type {Record<string, number>} */
    const kinds = {};
    for (const [index, id] of samples.entries()) {
      const place = places.get(id) ?? '';
      const seconds = timeDeltas[index] / 1e6;
      kinds[kindOf(place)] = (kinds[kindOf(place)] ?? 0) + seconds;
      functions.set(place, (functions.get(place) ?? 0) + seconds);
    }
    const name = thread === 0 ? 'main' : `thread ${thread}`;
    return { thread: name, seconds: (endTime - startTime) / 1e6, kinds };
  });
  const top = [...functions]
    .map(([place, seconds]) => ({ place, kind: kindOf(place), seconds }))
    .filter(({ kind }) => kind !== 'idle')
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, TOP_FUNCTIONS);
  return { threads, top };
}

/** @type {Map<string, string>} */
const known = new Map();

/** @param {string} place */
function kindOf(place) {
  const kind = known.get(place) ?? KINDS.find(([, rule]) => rule.test(place))?.[0] ?? OTHER;
  known.set(place, kind);
  return kind;
}

/**
 * File and function; native ones have no file, and the part of a path that differs between machines is left out.
 * @param {{ url: string, functionName: string }} frame
 */
function placeOf({ url, functionName }) {
  const file = url
    .replace(/^file:.*\/node_modules\//, '')
    .replace(/^file:.*\/dist\//, 'dist/')
    .replace(/^(wasm:).*/, '$1');
  if (functionName.startsWith('(')) return functionName;
  const name = functionName === '' ? '(anonymous)' : functionName;
  return file === '' ? `${name} (native)` : `${file} ${name}`;
}
