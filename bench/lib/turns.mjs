/** Lets contenders run in turn, so that what disturbs the machine for a while disturbs all of them. */

import { spread } from './statistics.mjs';

/**
 * @typedef {object} Result
 * @property {string} id
 * @property {string} name
 * @property {string} [failure] instead of all that follows
 * @property {import('./statistics.mjs').Spread} [wall] seconds
 * @property {number} [cpu] seconds, median
 * @property {number} [peak] bytes, the highest of all runs
 * @property {number} [imageBytes]
 * @property {number} [inodes]
 * @property {string} [fsck] `passed`, or what it said
 */

/**
 * @template {{ id: string, name: string }} C
 * @typedef {object} Turns
 * @property {readonly C[]} contenders
 * @property {number} runs that count
 * @property {(contender: C) => Promise<import('./measure.mjs').Sample>} once
 * @property {(contender: C) => Promise<object>} inspect what is told of the output of its first run
 */

/**
 * One run of each that warms the caches and whose output is inspected, then `runs` that count.
 * @template {{ id: string, name: string }} C
 * @param {Turns<C>} turns
 * @returns {Promise<Result[]>}
 */
export async function takeTurns({ contenders, runs, once, inspect }) {
  const results = contenders.map(({ id, name }) => /** @type {Result} */ ({ id, name }));
  for (const [index, contender] of contenders.entries()) {
    await attempt(results[index], async () => {
      tell(contender, await once(contender));
      Object.assign(results[index], await inspect(contender));
    });
  }
  /** @type {import('./measure.mjs').Sample[][]} */
  const samples = results.map(() => []);
  for (let turn = 0; turn < runs; turn++) {
    for (const [index, contender] of contenders.entries()) {
      if (results[index].failure !== undefined) continue;
      await attempt(results[index], async () => {
        samples[index].push(tell(contender, await once(contender)));
      });
    }
  }
  return results.map((result, index) => ({ ...result, ...summary(result, samples[index]) }));
}

/** @param {Result} result */
export function isOurs({ id }) {
  return id.startsWith('ours');
}

/**
 * The median of a contender's times, or undefined where it has none.
 * @param {readonly Result[]} results
 * @param {string} id
 */
export function medianOf(results, id) {
  return results.find((result) => result.id === id)?.wall?.median;
}

/**
 * @param {{ name: string }} contender
 * @param {import('./measure.mjs').Sample} sample
 */
function tell({ name }, sample) {
  const line = `${sample.wall.toFixed(2)} s, ${Math.round(sample.peak / 2 ** 20)} MiB`;
  process.stderr.write(`  ${name}: ${line}\n`);
  return sample;
}

/**
 * @param {Result} result
 * @param {() => Promise<void>} body
 */
async function attempt(result, body) {
  try {
    await body();
  } catch (error) {
    result.failure = /** @type {Error} */ (error).message;
    process.stderr.write(`  ${result.name} failed: ${result.failure}\n`);
  }
}

/**
 * @param {Result} result
 * @param {readonly import('./measure.mjs').Sample[]} samples
 */
function summary(result, samples) {
  if (result.failure !== undefined) return {};
  const peak = Math.max(...samples.map((sample) => sample.peak));
  const cpu = spread(samples.map((sample) => sample.cpu)).median;
  return { wall: spread(samples.map((sample) => sample.wall)), cpu, peak };
}
