/** From a registry to an image: our command, the peers, and the floor below all of them. */

import { rename } from 'node:fs/promises';
import { makeImages } from '../images/images.mjs';
import { registryContenders } from '../lib/contenders.mjs';
import { measureFloor } from '../lib/floor.mjs';
import { runRace } from '../lib/race.mjs';
import { startRegistry } from '../lib/registry.mjs';
import { table } from '../lib/table.mjs';
import { count, mebibytes, megabytes, range, seconds } from '../lib/units.mjs';

const KEPT = 'kept.erofs';

/**
 * @typedef {object} Comparison
 * @property {Omit<import('../images/images.mjs').Image, 'layout' | 'layers' | 'diffIds'> & { layers: number }} image
 * @property {import('../lib/turns.mjs').Result[]} results
 * @property {import('../lib/floor.mjs').Floor | string} floor
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {{ images: readonly string[], runs: number }} options
 */
export async function compare(setting, { images, runs }) {
  const { made, notes } = await makeImages(images);
  const registry = await startRegistry();
  /** @type {Comparison[]} */
  const comparisons = [];
  try {
    for (const each of made) {
      comparisons.push(await compareOn(setting, each, await registry.push(each), runs));
    }
  } finally {
    await registry.stop();
  }
  const texts = comparisons.map((comparison) => comparisonText(comparison, runs));
  const text = [...texts, ...notes].join('\n\n');
  const failed = notes.length > 0 || comparisons.some(({ results }) => results.some(isOurFailure));
  return { results: { runs, comparisons }, text, failed };
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {string} input
 * @param {number} runs
 * @returns {Promise<Comparison>}
 */
async function compareOn(setting, image, input, runs) {
  process.stderr.write(`${image.title}\n`);
  const { path } = setting.workspace;
  const keep = (/** @type {string} */ name) => rename(path(name), path(KEPT));
  const contenders = registryContenders(setting);
  const results = await runRace({ contenders, input, setting, runs, keep });
  const { layout: _, layers, diffIds: _ids, ...rest } = image;
  const floor = results.some(isOurFailure)
    ? 'our command failed'
    : await measureFloor(layers, path(KEPT));
  return { image: { ...rest, layers: layers.length }, results, floor };
}

/** @param {import('../lib/turns.mjs').Result} result */
function isOurFailure({ id, failure }) {
  return id.startsWith('ours') && failure !== undefined;
}

/**
 * @param {Comparison} comparison
 * @param {number} runs
 */
function comparisonText({ image, results, floor }, runs) {
  const title = `### ${image.title}, ${megabytes(image.packedBytes)} packed`;
  const header = ['', 'time', `range of ${runs}`, 'CPU', 'peak memory', 'image', 'inodes', 'fsck'];
  const failures = results
    .filter(({ failure }) => failure !== undefined)
    .map(({ name, failure }) => `- ${name} failed: ${failure}`);
  const lines = [...ratioLines(results), ...floorLines(results, floor), ...failures];
  return [title, table(header, results.map(row)), lines.join('\n')].join('\n\n');
}

/** @param {import('../lib/turns.mjs').Result} result */
function row({ name, failure, wall, cpu, peak, imageBytes, inodes, fsck }) {
  if (failure !== undefined || wall === undefined) return [name, 'failed', '', '', '', '', '', ''];
  return [
    name,
    seconds(wall.median),
    range(wall),
    seconds(cpu ?? 0),
    mebibytes(peak ?? 0),
    megabytes(imageBytes ?? 0),
    inodes === undefined ? '' : count(inodes),
    fsck === 'passed' ? 'passed' : 'failed',
  ];
}

/** @param {readonly import('../lib/turns.mjs').Result[]} results */
function ratioLines(results) {
  const median = (/** @type {string} */ id) =>
    results.find((result) => result.id === id)?.wall?.median;
  const [full, bare] = [median('ours'), median('ours-no-sha256')];
  if (full === undefined || bare === undefined) return [];
  return results
    .filter(({ id, wall }) => !id.startsWith('ours') && wall !== undefined)
    .map(({ name, wall }) => {
      const ratio = (/** @type {number} */ time) => (time / (wall?.median ?? NaN)).toFixed(2);
      const without = `${ratio(bare)} with --no-sha256, as it hashes nothing`;
      return `- erofs-wasm takes **${ratio(full)}** of the time of ${name} (${without})`;
    });
}

/**
 * @param {readonly import('../lib/turns.mjs').Result[]} results
 * @param {import('../lib/floor.mjs').Floor | string} floor
 */
function floorLines(results, floor) {
  if (typeof floor === 'string') return [`- floor: none (${floor})`];
  const parts = `igzip ${seconds(floor.inflate)}, SHA-256 of layers ${seconds(floor.hashPacked)}, of tars \
${seconds(floor.hashUnpacked)}, of the image ${seconds(floor.hashImage)}, dd ${seconds(floor.write)}`;
  const median = results.find(({ id }) => id === 'ours')?.wall?.median ?? NaN;
  const factor = (median / floor.seconds).toFixed(2);
  const bare = results.find(({ id }) => id === 'ours-no-sha256')?.wall?.median ?? NaN;
  const bareFactor = (bare / floor.secondsWithoutImageHash).toFixed(2);
  return [
    `- floor: **${seconds(floor.seconds)}** (CPU on all cores: ${parts}); erofs-wasm takes ${factor} × that, \
with --no-sha256 ${bareFactor} × its own`,
    `- dd has the image written and synced after ${seconds(floor.writeAndSync)}; only erofs-wasm syncs its image`,
  ];
}
