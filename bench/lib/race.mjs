/** Runs the contenders in turn, so that what disturbs the machine for a while disturbs all of them. */

import { rm, stat } from 'node:fs/promises';
import { checkImage } from './check-image.mjs';
import { measure, TIME_LIMIT_SECONDS } from './measure.mjs';
import { run } from './run.mjs';
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
 * @typedef {object} Race
 * @property {readonly import('./contenders.mjs').Contender[]} contenders
 * @property {string} input
 * @property {import('./contenders.mjs').Setting} setting
 * @property {number} runs that count
 * @property {number} [limit] seconds a run may take
 * @property {(name: string) => Promise<void>} [keep] sees an image of ours, in the workspace, before it is removed
 */

/**
 * One run of each that warms the caches and whose image is checked, then `runs` that count.
 * @param {Race} race
 * @returns {Promise<Result[]>}
 */
export async function runRace(race) {
  const results = race.contenders.map(({ id, name }) => /** @type {Result} */ ({ id, name }));
  for (const [index, contender] of race.contenders.entries()) {
    await attempt(results[index], async () => {
      await oneRun(race, contender);
      Object.assign(results[index], await inspect(race, contender));
    });
  }
  /** @type {import('./measure.mjs').Sample[][]} */
  const samples = results.map(() => []);
  for (let turn = 0; turn < race.runs; turn++) {
    for (const [index, contender] of race.contenders.entries()) {
      if (results[index].failure !== undefined) continue;
      await attempt(results[index], async () => {
        samples[index].push(await oneRun(race, contender));
      });
    }
  }
  await removeImage(race);
  return results.map((result, index) => ({ ...result, ...summary(result, samples[index]) }));
}

const OUTPUT = 'out.erofs';

/**
 * @param {Race} race
 * @param {import('./contenders.mjs').Contender} contender
 */
async function oneRun(race, contender) {
  await removeImage(race);
  // No contender pays for what another one left to be written.
  await run('sync', []);
  const sample = await measure(
    contender.stages(race.input, OUTPUT),
    race.limit ?? TIME_LIMIT_SECONDS,
  );
  const line = `${sample.wall.toFixed(2)} s, ${Math.round(sample.peak / 2 ** 20)} MiB`;
  process.stderr.write(`  ${contender.name}: ${line}\n`);
  return sample;
}

/**
 * @param {Race} race
 * @param {import('./contenders.mjs').Contender} contender
 */
async function inspect({ setting, keep }, contender) {
  const { size } = await stat(setting.workspace.path(OUTPUT));
  const check = await checkImage(setting, OUTPUT);
  if (contender.ours && check.fsck !== 'passed') throw new Error(`fsck.erofs: ${check.fsck}`);
  if (contender.ours) await keep?.(OUTPUT);
  return { imageBytes: size, ...check };
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

/** @param {Race} race */
async function removeImage({ setting }) {
  await rm(setting.workspace.path(OUTPUT), { force: true });
}
