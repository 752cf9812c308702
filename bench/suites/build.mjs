/** From a registry to an image: our command, the peers, and the floor below all of them. */

import { rename } from 'node:fs/promises';
import { makeImages } from '../images/images.mjs';
import { NODE_START, registryContenders, threadContenders } from '../lib/contenders.mjs';
import { measureFloor } from '../lib/floor.mjs';
import { proveFlat } from '../lib/proof.mjs';
import { runRace } from '../lib/race.mjs';
import { startRegistry } from '../lib/registry.mjs';
import { ratioOf } from '../lib/targets.mjs';
import { isOurs, medianOf } from '../lib/turns.mjs';
import { oneLine } from '../lib/units.mjs';
import { timePlot } from '../plots/time.mjs';
import { buildText } from './build-text.mjs';

const KEPT = 'kept.erofs';
const QUICK_IMAGES = ['small', 'extremes'];
const IMAGES = ['real', 'debian', ...QUICK_IMAGES, 'twins'];

/**
 * @typedef {object} Comparison
 * @property {Omit<import('../images/images.mjs').Image, 'layout' | 'layers' | 'diffIds'> & { layers: number }} image
 * @property {import('../lib/turns.mjs').Result[]} results
 * @property {import('../lib/floor.mjs').Floor | string} floor
 * @property {import('../lib/trees.mjs').Comparison | string} proof or why there is none
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function build(setting, { images, runs, quick }) {
  const names = images ?? (quick ? QUICK_IMAGES : IMAGES);
  const { made, notes, leftOut } = await makeImages(names, quick);
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
  const texts = comparisons.map((comparison) => buildText(comparison, runs));
  return {
    results: { runs, comparisons },
    text: [...texts, [...notes, ...leftOut].join('\n')].join('\n\n').trim(),
    failed: notes.length > 0 || comparisons.some(isBroken),
    measurements: measurements(comparisons, runs),
    plots: comparisons.length === 0 ? {} : { time: timePlot(comparisons) },
  };
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
  const contenders = contendersFor(setting, image.name);
  const results = await runRace({ contenders, input, setting, runs, keep });
  const { layout: _, layers, diffIds: _ids, ...rest } = image;
  const hasImage = results.some((result) => isOurs(result) && result.failure === undefined);
  const floor = hasImage ? await measureFloor(layers, path(KEPT)) : 'our command failed';
  const proof = await proveFlat(setting, image).catch((error) => oneLine(error.message));
  return { image: { ...rest, layers: layers.length }, results, floor, proof };
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} image
 */
function contendersFor(setting, image) {
  if (image === 'twins') return threadContenders(setting);
  const contenders = registryContenders(setting);
  return image === 'small' ? [...contenders, NODE_START] : contenders;
}

/**
 * Something of ours failed or is wrong. A tree that could not be compared is a failure where everything has to be there.
 * @param {Comparison} comparison
 */
function isBroken({ results, proof }) {
  if (results.some((result) => isOurs(result) && result.failure !== undefined)) return true;
  return typeof proof === 'string' ? Boolean(process.env.CI) : proof.differences > 0;
}

/**
 * @param {readonly Comparison[]} comparisons
 * @param {number} runs
 */
function measurements(comparisons, runs) {
  return comparisons.flatMap(
    (comparison) => MEASUREMENTS[comparison.image.name]?.(comparison, runs) ?? [],
  );
}

/** @type {Readonly<Record<string, (comparison: Comparison, runs: number) => import('../lib/targets.mjs').Measurement[]>>} */
const MEASUREMENTS = {
  real: ({ results, floor }, runs) => [
    against('real-crane', results, 'crane', runs),
    ratioOf('real-floor', runs, {
      ...ourTimes(results),
      other: typeof floor === 'string' ? undefined : floor.secondsWithoutImageHash,
      why: typeof floor === 'string' ? floor : 'our command failed',
    }),
    peak(results, runs),
  ],
  debian: ({ results }, runs) => [against('debian-mkfs', results, 'mkfs-oci', runs)],
  small: ({ results }, runs) => [against('start', results, 'node', runs)],
  twins: ({ results }, runs) => [
    {
      ...ratioOf('threads', runs, {
        ours: medianOf(results, 'ours-2'),
        other: medianOf(results, 'ours-1'),
        why: 'our command failed',
      }),
      ...plainThreads(results),
    },
  ],
};

/** @param {readonly import('../lib/turns.mjs').Result[]} results */
function plainThreads(results) {
  const [two, one] = ['ours-2-no-sha256', 'ours-1-no-sha256'].map((id) => medianOf(results, id));
  return two === undefined || one === undefined ? {} : { plain: two / one };
}

/** @param {readonly import('../lib/turns.mjs').Result[]} results */
function ourTimes(results) {
  return { ours: medianOf(results, 'ours'), bare: medianOf(results, 'ours-no-sha256') };
}

/**
 * @param {string} target
 * @param {readonly import('../lib/turns.mjs').Result[]} results
 * @param {string} peer
 * @param {number} runs
 */
function against(target, results, peer, runs) {
  const why = results.find(({ id }) => id === peer)?.failure ?? `no ${peer} here`;
  return ratioOf(target, runs, { ...ourTimes(results), other: medianOf(results, peer), why });
}

/**
 * @param {readonly import('../lib/turns.mjs').Result[]} results
 * @param {number} runs
 * @returns {import('../lib/targets.mjs').Measurement}
 */
function peak(results, runs) {
  const [full, bare] = ['ours', 'ours-no-sha256'].map((id) => results.find((one) => one.id === id));
  if (full?.peak === undefined) return { target: 'peak-real', runs, why: 'our command failed' };
  const plain = bare?.peak === undefined ? {} : { plain: bare.peak };
  return { target: 'peak-real', runs, value: full.peak, ...plain };
}
