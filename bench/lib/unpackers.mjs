/** Who unpacks gzip and Zstandard: our kernels, what Node and npm have, and native tools. */

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import * as zlib from 'node:zlib';
import { Gunzip as FflateGunzip } from 'fflate';
import { findTool } from './run.mjs';

/** As a download delivers, gathered a little. */
const PUSH_SIZE = 256 * 1024;
/** A good size for the streams of node:zlib: few turns of the event loop. */
const CHUNK_SIZE = 1024 * 1024;

/** @typedef {import('./kernel-turns.mjs').KernelContender} KernelContender */
/** @typedef {import('./kernel-turns.mjs').Use} Use */

/**
 * The parts of a build that are measured.
 * @param {string} command path of its command
 */
export async function loadBuild(command) {
  const load = (/** @type {string} */ name) =>
    import(pathToFileURL(join(command, '../../kernels', name)).href);
  const { Gunzip } = await load('gunzip.js');
  const { createWasmKernels } = await load('wasm.js');
  const { createReferenceKernels } = await load('reference.js');
  const { PackedSource } = await load('packed-source.js');
  const { unzstd } = await load('zstd.js');
  return {
    Gunzip,
    PackedSource,
    unzstd,
    wasm: createWasmKernels(),
    reference: createReferenceKernels(),
  };
}

/** @typedef {Awaited<ReturnType<typeof loadBuild>>} Build */

/**
 * The first one is what the others are compared with; all but fflate check the CRC-32.
 * @param {Build} build
 * @param {string} path of a gzip file
 * @returns {Promise<KernelContender[]>}
 */
export async function gunzippers(build, path) {
  const packed = await readFile(path);
  const copyOut = (/** @type {Use} */ use) => (/** @type {Uint8Array} */ piece) =>
    use(Buffer.from(piece));
  return [
    {
      name: 'node:zlib, streaming',
      run: (use) => streamThrough(zlib.createGunzip(chunks()), packed, use),
    },
    { name: 'erofs-wasm', run: (use) => gunzip(build, build.wasm, packed, use) },
    {
      name: 'erofs-wasm, output copied',
      run: (use) => gunzip(build, build.wasm, packed, copyOut(use)),
    },
    { name: 'node:zlib, gunzipSync', run: (use) => use(zlib.gunzipSync(packed, chunks())) },
    { name: 'fflate, streaming', run: (use) => gunzipByFflate(packed, use) },
    ...native(['igzip', '-dc', path], ['libdeflate-gunzip', '-c', path]),
  ];
}

/**
 * The first one is what the others are compared with; all check what checksum the frame has.
 * @param {Build} build
 * @param {string} path of a Zstandard file
 * @returns {Promise<KernelContender[]>}
 */
export async function unzstders(build, path) {
  const packed = await readFile(path);
  // Types of the oldest Node lack what newer ones have.
  const { createZstdDecompress } = /** @type {any} */ (zlib);
  const ours = async (/** @type {string} */ decoder, /** @type {Use} */ use) => {
    const source = new build.PackedSource(Readable.from(parts(packed)));
    for await (const chunk of build.unzstd(source, build.wasm, decoder)) use(chunk);
  };
  /** @type {KernelContender[]} */
  const byNode = [
    { name: 'node:zlib', run: (use) => streamThrough(createZstdDecompress(chunks()), packed, use) },
    { name: 'erofs-wasm by node:zlib', run: (use) => ours('auto', use) },
  ];
  return [
    ...native(['zstd', '-dqc', path]),
    { name: 'erofs-wasm, own decoder', run: (use) => ours('script', use) },
    ...(createZstdDecompress === undefined ? [] : byNode),
  ];
}

function chunks() {
  return { chunkSize: CHUNK_SIZE };
}

/** @param {Uint8Array} bytes */
function* parts(bytes) {
  for (let at = 0; at < bytes.length; at += PUSH_SIZE) yield bytes.subarray(at, at + PUSH_SIZE);
}

/**
 * @param {Build} build
 * @param {object} kernels
 * @param {Uint8Array} packed
 * @param {Use} use
 */
function gunzip({ Gunzip }, kernels, packed, use) {
  const stream = new Gunzip(kernels);
  for (const part of parts(packed)) for (const piece of stream.push(part)) use(piece);
  stream.finish();
  stream.close();
}

/**
 * @param {import('node:stream').Transform} stream
 * @param {Uint8Array} packed
 * @param {Use} use
 */
async function streamThrough(stream, packed, use) {
  const input = [...parts(packed)];
  let next = 0;
  const feed = () => {
    while (next < input.length) if (!stream.write(input[next++])) return;
    stream.end();
  };
  stream.on('drain', feed);
  feed();
  for await (const piece of stream) use(piece);
}

/**
 * @param {Uint8Array} packed
 * @param {Use} use
 */
function gunzipByFflate(packed, use) {
  const stream = new FflateGunzip((piece) => use(piece));
  for (const part of parts(packed)) stream.push(part, false);
  stream.push(new Uint8Array(0), true);
}

/**
 * Those of the commands that are installed.
 * @param {readonly string[][]} commands
 * @returns {KernelContender[]}
 */
function native(...commands) {
  return commands
    .filter(([tool]) => findTool(tool) !== undefined)
    .map((command) => ({
      name: command.slice(0, -1).join(' '),
      run: () => {},
      timed: (use) => timed(command, use),
    }));
}

/**
 * Runs a command; its output goes to `use`, or else to /dev/null. The times are those of bash, which are finer than
 * those of GNU time.
 * @param {readonly string[]} command
 * @param {Use} [use]
 */
async function timed(command, use) {
  const script = `TIMEFORMAT='times %3R %3U %3S'; time "$@" ${use === undefined ? '> /dev/null' : ''}`;
  const child = spawn('bash', ['-c', script, 'bash', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', use ?? (() => {}));
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const found = /times ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
  if (code !== 0 || found === null) throw new Error(`${command[0]} failed: ${stderr.trim()}`);
  return { wall: Number(found[1]), cpu: Number(found[2]) + Number(found[3]) };
}
