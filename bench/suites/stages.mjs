/** Where the time of our command goes: by phase of the build, and by kind of work on each thread. */

import { rm } from 'node:fs/promises';
import { makeImages } from '../images/images.mjs';
import { profile } from '../lib/profile.mjs';
import { startRegistry } from '../lib/registry.mjs';
import { run } from '../lib/run.mjs';
import { spread } from '../lib/statistics.mjs';
import { oneLine } from '../lib/units.mjs';
import { stagesPlot } from '../plots/stages.mjs';
import { stagesText } from './stages-text.mjs';

const OUTPUT = 'stages.erofs';
/** Those whose times differ in kind; the first that is there is looked at more closely. */
const QUICK_IMAGES = ['extremes', 'small'];
const IMAGES = ['real', 'debian', 'small', 'extremes'];

/**
 * Seconds by phase. `start` is what the process takes besides: Node, modules, the command line.
 * @typedef {Record<string, import('../lib/statistics.mjs').Spread>} Phases
 */

/**
 * @typedef {object} Stages
 * @property {string} title
 * @property {import('../lib/statistics.mjs').Spread} [wall] seconds
 * @property {Phases} [phases] in order
 * @property {string} [failure]
 */

/**
 * @typedef {object} StagesResult
 * @property {number} runs
 * @property {Stages[]} images
 * @property {string} [profiled] title of the image
 * @property {import('../lib/profile.mjs').Profile | string} profile or why there is none
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function stages(setting, { images, runs, quick }) {
  const names = images ?? (quick ? QUICK_IMAGES : IMAGES);
  const { made, notes, leftOut } = await makeImages(names, quick);
  const registry = await startRegistry();
  try {
    /** @type {StagesResult} */
    const result = { runs, images: [], profile: 'no image' };
    for (const image of made) {
      process.stderr.write(`${image.title}\n`);
      const args = buildArgs(setting, await registry.push(image));
      result.images.push(await timesOf(image.title, args, runs));
      if (result.profiled !== undefined) continue;
      result.profiled = image.title;
      result.profile = await profile(args.slice(1)).catch((error) => oneLine(error.message));
    }
    const isBroken = result.images.some(({ failure }) => failure !== undefined);
    return {
      results: result,
      text: [stagesText(result), [...notes, ...leftOut].join('\n')].join('\n\n').trim(),
      failed: notes.length > 0 || isBroken || typeof result.profile === 'string',
      plots: { stages: stagesPlot(result) },
    };
  } finally {
    await registry.stop();
    await rm(setting.workspace.path(OUTPUT), { force: true });
  }
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} reference
 */
function buildArgs({ command, workspace }, reference) {
  const options = ['-o', workspace.path(OUTPUT), '--no-cache', '--progress', 'none', '--json'];
  return [command, 'build', reference, ...options];
}

/**
 * One run that warms the caches, then those that count.
 * @param {string} title
 * @param {readonly string[]} args
 * @param {number} runs
 * @returns {Promise<Stages>}
 */
async function timesOf(title, args, runs) {
  try {
    await once(args);
    /** @type {Awaited<ReturnType<typeof once>>[]} */
    const all = [];
    for (let count = 0; count < runs; count++) all.push(await once(args));
    const names = Object.keys(all[0].phases);
    const phases = names.map((name) => [name, spread(all.map((one) => one.phases[name]))]);
    return { title, wall: spread(all.map(({ wall }) => wall)), phases: Object.fromEntries(phases) };
  } catch (error) {
    return { title, failure: oneLine(/** @type {Error} */ (error).message) };
  }
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<{ wall: number, phases: Record<string, number> }>}
 */
async function once(args) {
  await run('sync', []);
  const begun = performance.now();
  const { seconds } = JSON.parse(await run(process.execPath, args));
  const wall = (performance.now() - begun) / 1000;
  const built = Object.values(seconds).reduce((sum, phase) => sum + phase, 0);
  return { wall, phases: { start: wall - built, ...seconds } };
}
