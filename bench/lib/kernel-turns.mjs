/** Turns of contenders that run inside this process, or report their own times: milliseconds instead of seconds. */

import { createHash } from 'node:crypto';
import { spread } from './statistics.mjs';

/**
 * What a contender unpacks goes to `use`, piece by piece, each valid until the next.
 * @typedef {(piece: Uint8Array) => void} Use
 */

/**
 * @typedef {object} KernelContender
 * @property {string} name
 * @property {(use: Use) => unknown} run may be async
 * @property {(use?: Use) => Promise<Times>} [timed] instead of `run`: another process, which tells its own times
 */

/**
 * Times in seconds; ratios are to the first contender, turn by turn.
 * @typedef {object} KernelResult
 * @property {string} name
 * @property {string} [failure] instead of all that follows
 * @property {import('./statistics.mjs').Spread} [wall]
 * @property {import('./statistics.mjs').Spread} [cpu] of all threads
 * @property {import('./statistics.mjs').Spread} [wallRatio]
 * @property {import('./statistics.mjs').Spread} [cpuRatio]
 */

/** @typedef {{ wall: number, cpu: number }} Times */

/**
 * One turn that warms up and whose output is compared with `digest` (SHA-256, hexadecimal), then `runs` that count.
 * @param {readonly KernelContender[]} contenders
 * @param {number} runs
 * @param {string} [digest] undefined where there is no output
 * @returns {Promise<KernelResult[]>}
 */
export async function takeKernelTurns(contenders, runs, digest) {
  const results = contenders.map(({ name }) => /** @type {KernelResult} */ ({ name }));
  for (const [index, contender] of contenders.entries()) {
    const failure = await check(contender, digest);
    if (failure !== undefined) results[index].failure = failure;
  }
  /** @type {Times[][]} */
  const samples = results.map(() => []);
  for (let turn = 0; turn < runs; turn++) {
    for (const [index, contender] of contenders.entries()) {
      if (results[index].failure === undefined) samples[index].push(await sample(contender));
    }
  }
  return results.map((result, index) =>
    result.failure === undefined ? { ...result, ...summary(samples[index], samples[0]) } : result,
  );
}

/**
 * @param {KernelContender} contender
 * @param {string | undefined} digest
 * @returns {Promise<string | undefined>} what is wrong
 */
async function check(contender, digest) {
  const hash = createHash('sha256');
  const use = (/** @type {Uint8Array} */ piece) => void hash.update(piece);
  try {
    await (contender.timed ?? contender.run)(use);
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  const correct = digest === undefined || hash.digest('hex') === digest;
  return correct ? undefined : 'the output is wrong';
}

/**
 * @param {KernelContender} contender
 * @returns {Promise<Times>}
 */
async function sample({ run, timed }) {
  if (timed !== undefined) return timed();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run(() => {});
  const wall = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e6 };
}

/**
 * @param {readonly Times[]} samples
 * @param {readonly Times[]} first
 */
function summary(samples, first) {
  const of = (/** @type {keyof Times} */ key) => spread(samples.map((each) => each[key]));
  const ratio = (/** @type {keyof Times} */ key) =>
    spread(samples.map((each, turn) => each[key] / (first[turn]?.[key] ?? Number.NaN)));
  const times = { wall: of('wall'), cpu: of('cpu') };
  return first.length === 0
    ? times
    : { ...times, wallRatio: ratio('wall'), cpuRatio: ratio('cpu') };
}
