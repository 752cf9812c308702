/** What the suite of builds found on an image, as a table and sentences. */

import { comparisonLines } from '../lib/comparison-text.mjs';
import { table } from '../lib/table.mjs';
import { medianOf } from '../lib/turns.mjs';
import { count, mebibytes, megabytes, range, seconds } from '../lib/units.mjs';

/** CPU time comes in units of 10 ms: less than this says nothing. */
const SMALLEST_FLOOR = 0.1;

/**
 * @param {import('./build.mjs').Comparison} comparison
 * @param {number} runs
 */
export function buildText({ image, results, floor, proof }, runs) {
  const title = `### ${image.title}, ${megabytes(image.packedBytes)} packed`;
  const header = ['', 'time', `range of ${runs}`, 'CPU', 'peak memory', 'image', 'inodes', 'fsck'];
  const failures = results
    .filter(({ failure }) => failure !== undefined)
    .map(({ name, failure }) => `- ${name} failed: ${failure}`);
  const lines = [
    ...ratioLines(results),
    ...threadLines(results),
    ...floorLines(results, floor),
    ...proofLines(proof),
    ...failures,
  ];
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
    imageBytes === undefined ? '' : megabytes(imageBytes),
    inodes === undefined ? '' : count(inodes),
    fsckText(fsck),
  ];
}

/** @param {string | undefined} fsck */
function fsckText(fsck) {
  if (fsck === undefined || fsck === 'not checked') return fsck ?? '';
  return fsck === 'passed' ? 'passed' : 'failed';
}

/** @param {readonly import('../lib/turns.mjs').Result[]} results */
function ratioLines(results) {
  const [full, bare] = [medianOf(results, 'ours'), medianOf(results, 'ours-no-sha256')];
  if (full === undefined || bare === undefined) return [];
  return results
    .filter(({ id, wall }) => !id.startsWith('ours') && wall !== undefined)
    .map(({ name, wall }) => {
      const ratio = (/** @type {number} */ time) => (time / (wall?.median ?? NaN)).toFixed(2);
      const without = `${ratio(bare)} with --no-sha256, as it hashes nothing`;
      return `- erofs-wasm takes **${ratio(full)}** of the time of ${name} (${without})`;
    });
}

/** @param {readonly import('../lib/turns.mjs').Result[]} results */
function threadLines(results) {
  const [two, one] = [medianOf(results, 'ours-2'), medianOf(results, 'ours-1')];
  if (two === undefined || one === undefined) return [];
  return [`- two threads take **${(two / one).toFixed(2)}** of the time of one`];
}

/**
 * @param {readonly import('../lib/turns.mjs').Result[]} results
 * @param {import('../lib/floor.mjs').Floor | string} floor
 */
function floorLines(results, floor) {
  if (typeof floor === 'string') return [`- floor: none (${floor})`];
  const parts = `igzip ${seconds(floor.inflate)}, SHA-256 of layers ${seconds(floor.hashPacked)}, of tars \
${seconds(floor.hashUnpacked)}, dd of the image ${seconds(floor.write)}`;
  const [full, bare] = [medianOf(results, 'ours'), medianOf(results, 'ours-no-sha256')];
  const factors =
    full === undefined || bare === undefined || floor.secondsWithoutImageHash < SMALLEST_FLOOR
      ? ''
      : `; erofs-wasm takes **${(full / floor.secondsWithoutImageHash).toFixed(2)}** × that, \
${(full / floor.seconds).toFixed(2)} × it with the hash of the image, which it makes; with --no-sha256 \
${(bare / floor.secondsWithoutImageHash).toFixed(2)} ×`;
  return [
    `- floor: **${seconds(floor.secondsWithoutImageHash)}** (CPU on all cores: ${parts}), with SHA-256 of the image \
${seconds(floor.seconds)}${factors}`,
    `- dd has the image written and synced after ${seconds(floor.writeAndSync)}; only erofs-wasm syncs its image`,
  ];
}

/** @param {import('./build.mjs').Comparison['proof']} proof */
function proofLines(proof) {
  if (typeof proof === 'string') return [`- not compared with what umoci unpacks: ${proof}`];
  return comparisonLines('the image, mounted,', "umoci's unpacked tree", proof);
}
