/** A race of contenders that each make one image by one pipe of commands. */

import { rm, stat } from 'node:fs/promises';
import { checkImage, NOT_CHECKED } from './check-image.mjs';
import { measure, TIME_LIMIT_SECONDS } from './measure.mjs';
import { run } from './run.mjs';
import { takeTurns } from './turns.mjs';

/**
 * @typedef {object} Race
 * @property {readonly import('./contenders.mjs').Contender[]} contenders
 * @property {string} input
 * @property {import('./contenders.mjs').Setting} setting
 * @property {number} runs that count
 * @property {number} [limit] seconds a run of a peer may take
 * @property {(name: string) => Promise<void>} [keep] sees an image of ours, in the workspace, before it is removed
 */

/**
 * @param {Race} race
 * @returns {Promise<import('./turns.mjs').Result[]>}
 */
export async function runRace(race) {
  const results = await takeTurns({
    contenders: race.contenders,
    runs: race.runs,
    once: (contender) => oneRun(race, contender),
    inspect: (contender) => inspect(race, contender),
  });
  await removeImage(race);
  return results;
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
  const limit = contender.ours ? TIME_LIMIT_SECONDS : race.limit;
  return measure(contender.stages(race.input, OUTPUT), limit);
}

/**
 * @param {Race} race
 * @param {import('./contenders.mjs').Contender} contender
 */
async function inspect({ setting, keep }, contender) {
  if (contender.idle) return {};
  const { size } = await stat(setting.workspace.path(OUTPUT));
  const check = await checkImage(setting, OUTPUT);
  const isFine = check.fsck === 'passed' || check.fsck === NOT_CHECKED;
  if (contender.ours && !isFine) throw new Error(`fsck.erofs: ${check.fsck}`);
  if (contender.ours) await keep?.(OUTPUT);
  return { imageBytes: size, ...check };
}

/** @param {Race} race */
async function removeImage({ setting }) {
  await rm(setting.workspace.path(OUTPUT), { force: true });
}
