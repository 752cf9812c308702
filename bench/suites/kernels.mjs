/** Each kernel alone, with the copies in and out, beside what Node, npm and native tools have. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IMAGE_NAMES } from '../images/images.mjs';
import { packedLayers } from '../images/packed-layers.mjs';
import { takeKernelTurns } from '../lib/kernel-turns.mjs';
import { run } from '../lib/run.mjs';
import { checksumKernels, direntKernels } from '../lib/small-kernels.mjs';
import { gunzippers, loadBuild, unzstders } from '../lib/unpackers.mjs';
import { kernelsText } from './kernels-text.mjs';

/** Go's, GNU's, pigz's and the densest: the encoders of the target. */
const KINDS = ['umoci', 'gzip -6', 'pigz -6', 'zopfli'];
const OURS = 'erofs-wasm';
const UNITS = [128, 4096, 262_144];
const BLOCK_COUNTS = [1, 16, 2048];
/** Of a tar, for the checksums. */
const CHECKSUM_SIZE = 16 * 2 ** 20;
/** Packages whose versions belong to the numbers. */
const PACKAGES = ['isal', 'libdeflate-tools', 'zstd', 'gzip', 'pigz', 'zopfli', 'umoci'];

/**
 * @typedef {object} Unpacked
 * @property {string} content
 * @property {string} encoder
 * @property {number} packedBytes
 * @property {number} bytes
 * @property {import('../lib/kernel-turns.mjs').KernelResult[]} results
 */

/**
 * @typedef {Omit<import('../lib/small-kernels.mjs').SmallKernel, 'contenders'> & {
 *   results: import('../lib/kernel-turns.mjs').KernelResult[] }} Small
 */

/**
 * @typedef {object} KernelsResults
 * @property {number} runs
 * @property {string} versions of the native tools
 * @property {Unpacked[]} gzip
 * @property {Unpacked[]} zstd
 * @property {Small[]} small
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function kernels({ command, peers }, { quick, images = IMAGE_NAMES, runs }) {
  const build = await loadBuild(command);
  const { gzip, zstd, notes } = await packedLayers({ images, quick, peersRoot: peers.root });
  const versions = await toolVersions();
  /** @type {KernelsResults} */
  const results = { runs, versions, gzip: [], zstd: [], small: [] };
  for (const layer of gzip) {
    results.gzip.push(await unpack(layer, (path) => gunzippers(build, path), runs));
  }
  for (const layer of zstd) {
    results.zstd.push(await unpack(layer, (path) => unzstders(build, path), runs));
  }
  const tar = gzip[0] === undefined ? Buffer.alloc(0) : await readFile(gzip[0].tar);
  for (const kernel of smallKernels(build, tar, quick)) {
    process.stderr.write(`${kernel.name}, ${kernel.unit} bytes a call\n`);
    const { contenders, ...rest } = kernel;
    results.small.push({ ...rest, results: await takeKernelTurns(contenders, runs) });
  }
  const text = [kernelsText(results), ...notes].join('\n\n');
  return {
    results,
    text,
    // An encoder that is not installed is named, as a peer is.
    failed: results.gzip.length === 0 || isWrong(results),
    measurements: quick ? [] : KINDS.flatMap((kind) => target(results, kind)),
  };
}

/**
 * Of all layers of one encoder the slowest, in node:zlib's time.
 * @param {KernelsResults} results
 * @param {string} kind
 * @returns {import('../lib/targets.mjs').Measurement[]}
 */
function target({ gzip, runs }, kind) {
  const ratios = gzip
    .filter(({ encoder }) => encoder === kind)
    .map(({ results }) => results.find(({ name }) => name === OURS)?.wallRatio?.median);
  const common = { target: 'inflate', of: kind, runs };
  if (ratios.length === 0) return [{ ...common, why: 'that encoder is left out' }];
  if (ratios.includes(undefined)) return [{ ...common, why: 'our kernel failed' }];
  return [{ ...common, value: Math.max(...ratios.map((ratio) => ratio ?? Number.NaN)) }];
}

/**
 * @param {import('../lib/unpackers.mjs').Build} build
 * @param {Buffer} tar
 * @param {boolean} quick
 */
function smallKernels(build, tar, quick) {
  const part = tar.subarray(0, CHECKSUM_SIZE);
  if (part.length === 0) return [];
  return [
    ...checksumKernels(build, part, quick ? UNITS.slice(1, 2) : UNITS),
    ...direntKernels(build, tar, quick ? BLOCK_COUNTS.slice(1) : BLOCK_COUNTS),
  ];
}

/**
 * @param {import('../images/packed-layers.mjs').PackedLayer} layer
 * @param {(path: string) => Promise<import('../lib/kernel-turns.mjs').KernelContender[]>} contendersFor
 * @param {number} runs
 * @returns {Promise<Unpacked>}
 */
async function unpack({ content, encoder, path, tar }, contendersFor, runs) {
  process.stderr.write(`${content} by ${encoder}\n`);
  const unpacked = await readFile(tar);
  const digest = createHash('sha256').update(unpacked).digest('hex');
  const results = await takeKernelTurns(await contendersFor(path), runs, digest);
  const packedBytes = (await readFile(path)).length;
  return { content, encoder, packedBytes, bytes: unpacked.length, results };
}

/** @param {KernelsResults} results */
function isWrong({ gzip, zstd, small }) {
  const all = [...gzip, ...zstd, ...small].flatMap(({ results }) => results);
  return all.some(({ name, failure }) => name.startsWith('erofs-wasm') && failure !== undefined);
}

async function toolVersions() {
  const versions = [];
  for (const name of PACKAGES) {
    const line = await run('dpkg-query', ['-W', name]).catch(() => '');
    if (line !== '') versions.push(line.trim().replace('\t', ' '));
  }
  return versions.join(', ');
}
