/** Where the processor time of a Node program goes, by kind of work, on each of its threads: `node --cpu-prof`. */

import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mappedBuild } from './mapped-build.mjs';
import { run } from './run.mjs';

/** Where tools keep what may go at any time; packages are found from here. */
const SCRATCH = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** Half of V8's default: short functions are seen, and the program is hardly slower. */
const INTERVAL_MICROSECONDS = 500;

/**
 * Kinds of work: the first rule that fits the place of a function decides. Folders rather than files are named, so that
 * a file may come and go.
 * @type {readonly (readonly [string, RegExp])[]}
 */
const KINDS = [
  ['idle', /^\(idle\)$|atomicsWaitLoop$|^wait \(native\)$/],
  ['garbage collection', /^\(garbage collector\)$/],
  ['native code outside of any function', /^\(program\)$|^\(root\)$/],
  ['kernels: inflate, CRC, blocks', /^wasm:|src\/kernels\//],
  ['hash', /internal\/crypto|digester|hash-(image|file)|verify-layer/],
  ['tar', /src\/tar\//],
  ['frames and messages', /src\/pool\/|piscina|postMessage|internal\/worker|MessagePort/],
  ['merge', /src\/tree\//],
  ['plan', /src\/plan\//],
  [
    'fetch',
    /src\/(sources|oci)\/|undici|internal\/(streams|http|net|tls|dns|stream_base)|node:(net|_http|_tls|https?)/,
  ],
  [
    'read and write files',
    /src\/commit\/|src\/image\/|internal\/fs|^(read|write\w*|open\w*|f?stat|fsync|ftruncate|close|lstat) /,
  ],
  ['image: content, directories, inodes', /src\/(build|erofs)\//],
  ['command line', /src\/cli\/|commander|log-update/],
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
 * Runs our command once.
 * @param {readonly string[]} args of the command
 * @returns {Promise<Profile>}
 */
export async function profile(args) {
  await mkdir(SCRATCH, { recursive: true });
  const folder = await mkdtemp(join(SCRATCH, 'erofs-wasm-profile-'));
  const profiles = join(folder, 'profiles');
  try {
    const { command, sourceOf } = await mappedBuild(folder);
    const flags = ['--cpu-prof', `--cpu-prof-interval=${INTERVAL_MICROSECONDS}`];
    await run(process.execPath, [...flags, `--cpu-prof-dir=${profiles}`, command, ...args]);
    const names = (await readdir(profiles)).filter((name) => name.endsWith('.cpuprofile'));
    if (names.length === 0) throw new Error('node wrote no profile');
    const threads = await Promise.all(
      names.map(async (name) => ({
        // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile
        thread: Number(name.split('.')[4]),
        ...JSON.parse(await readFile(join(profiles, name), 'utf8')),
      })),
    );
    return summarise(
      threads.sort((a, b) => a.thread - b.thread),
      sourceOf,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly { thread: number, startTime: number, endTime: number, nodes: any[], samples: number[], timeDeltas: number[] }[]} profiles
 * @param {import('./mapped-build.mjs').MappedBuild['sourceOf']} sourceOf
 * @returns {Profile}
 */
function summarise(profiles, sourceOf) {
  /** @type {Map<string, number>} */
  const functions = new Map();
  const threads = profiles.map(({ thread, startTime, endTime, nodes, samples, timeDeltas }) => {
    const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame, sourceOf)]));
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
 * File and function; native ones have no file, and functions of Node's own the name of a module.
 * @param {{ url: string, functionName: string, lineNumber: number, columnNumber: number }} frame
 * @param {import('./mapped-build.mjs').MappedBuild['sourceOf']} sourceOf
 */
function placeOf({ url, functionName, lineNumber, columnNumber }, sourceOf) {
  if (functionName.startsWith('(')) return functionName;
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return `${name} (native)`;
  if (url.startsWith('wasm:')) return `wasm: ${name}`;
  const file = sourceOf(url, lineNumber, columnNumber) ?? url;
  return `${file.replace(/^.*node_modules\//, '')} ${name}`;
}
