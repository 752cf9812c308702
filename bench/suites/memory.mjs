/** Memory over time: on a line, a disk or a core that is slow, beside the peers, and of one large file. */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeImages } from '../images/images.mjs';
import { LARGE_FILE, largeFileCommand } from '../images/large-file.mjs';
import { withLimits } from '../lib/cgroup.mjs';
import { checkImage } from '../lib/check-image.mjs';
import { registryContenders } from '../lib/contenders.mjs';
import { measure } from '../lib/measure.mjs';
import { watchMemory } from '../lib/memory-watch.mjs';
import { MOUNT_TOOLS, withImage } from '../lib/mounts.mjs';
import { startRegistry } from '../lib/registry.mjs';
import { requireTools, run } from '../lib/run.mjs';
import { withSlowDisk } from '../lib/slow-disk.mjs';
import { startSlowLine } from '../lib/slow-line.mjs';
import { oneLine } from '../lib/units.mjs';
import { memoryPlot } from '../plots/memory.mjs';
import { memoryText } from './memory-text.mjs';

const MIB = 2 ** 20;
/**
 * Bytes a second of the line and of the disk, and cores: each slow enough to be what a build waits for, on any machine of
 * the last ten years. The small image takes long enough on slower ones.
 */
const SPEEDS = { line: 25e6, disk: 50e6, cores: 0.5 };
const QUICK_SPEEDS = { line: 10e6, disk: 20e6, cores: 0.5 };
/** More than any image of the benchmark. */
const DISK_BYTES = 8 * 2 ** 30;

const LARGE_BYTES = 8 * 2 ** 30;
const QUICK_LARGE_BYTES = 512 * MIB;

const FAST = 'fast.erofs';
const OUTPUT = 'memory.erofs';

/**
 * @typedef {object} Course
 * @property {string} name
 * @property {boolean} ours
 * @property {string} [failure] instead of all that follows
 * @property {boolean} [cannot] it failed because this machine cannot be slow in that way
 * @property {number} [seconds]
 * @property {number} [cpu] seconds
 * @property {number} [peak] bytes, of all runs
 * @property {number} [runs]
 * @property {import('../lib/memory-watch.mjs').Curve} [curve] of the last run
 * @property {string} [check] of the image
 */

/**
 * @typedef {{ image: string, largeBytes: number, courses: Course[] }} MemoryResult
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function memory(setting, { images, runs, quick }) {
  const names = images ?? [quick ? 'extremes' : 'real'];
  const { made, notes, leftOut } = await makeImages(names.slice(0, 1), quick);
  const largeBytes = quick ? QUICK_LARGE_BYTES : LARGE_BYTES;
  const courses = [];
  for (const image of made)
    courses.push(...(await coursesOf(setting, image, quick ? QUICK_SPEEDS : SPEEDS)));
  courses.push(await largeFile(setting, largeBytes, runs));
  const result = { image: made[0]?.title ?? 'no image', largeBytes, courses };
  const large = courses[courses.length - 1];
  const peak = large.peak === undefined ? { why: 'our command failed' } : { value: large.peak };
  return {
    results: result,
    text: [memoryText(result), [...notes, ...leftOut].join('\n')].join('\n\n').trim(),
    failed: notes.length > 0 || courses.some(isBroken),
    measurements: quick ? [] : [{ target: 'peak-file', runs, ...peak }],
    plots: { memory: memoryPlot(result) },
  };
}

/** @param {Course} course */
function isBroken({ ours, failure, cannot, check }) {
  return ours && !cannot && (failure !== undefined || check !== 'equal');
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {typeof SPEEDS} speeds
 */
async function coursesOf(setting, image, { line, disk, cores }) {
  process.stderr.write(`${image.title}\n`);
  const registry = await startRegistry();
  try {
    const reference = await registry.push(image);
    const courses = [await course('as fast as it goes', true, () => fast(setting, reference))];
    courses.push(
      await course(`slow line, ${line / 1e6} MB/s`, true, () =>
        slowLine(setting, reference, registry.host, line),
      ),
      await course(`slow disk, ${disk / 1e6} MB/s`, true, () => slowDisk(setting, reference, disk)),
      await course(`slow core, ${cores} of one`, true, () => slowCore(setting, reference, cores)),
    );
    for (const { ours, name, stages } of registryContenders(setting))
      if (!ours) courses.push(await course(name, false, () => watched(stages(reference, OUTPUT))));
    return courses;
  } finally {
    await registry.stop();
    for (const name of [FAST, OUTPUT]) await rm(setting.workspace.path(name), { force: true });
  }
}

/** This machine cannot be slow in that way. */
class Impossible extends Error {}

/**
 * @param {string} name
 * @param {boolean} ours
 * @param {() => Promise<Partial<Course>>} body
 * @returns {Promise<Course>}
 */
async function course(name, ours, body) {
  try {
    const result = await body();
    process.stderr.write(
      `  ${name}: ${result.seconds?.toFixed(2)} s, ${Math.round((result.peak ?? 0) / MIB)} MiB\n`,
    );
    return { name, ours, runs: 1, ...result };
  } catch (error) {
    const failure = oneLine(/** @type {Error} */ (error).message);
    process.stderr.write(`  ${name} failed: ${failure}\n`);
    return { name, ours, failure, ...(error instanceof Impossible ? { cannot: true } : {}) };
  }
}

/**
 * @param {string[][]} stages
 * @param {string} [ignored] see {@link watchMemory}
 * @returns {Promise<{ seconds: number, cpu: number, peak: number, curve: import('../lib/memory-watch.mjs').Curve, peaks: number[] }>}
 */
async function watched(stages, ignored) {
  await run('sync', []);
  /** @type {ReturnType<typeof watchMemory> | undefined} */
  let watch;
  const sample = await measure(stages, undefined, (pid) => {
    watch = watchMemory(pid, ignored);
  }).finally(() => watch?.stop());
  const { wall: seconds, cpu, peak } = sample;
  const peaks = sample.parts.map((part) => part.peak);
  return { seconds, cpu, peak, peaks, curve: watch?.stop() ?? [] };
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} reference
 * @param {string} output path
 */
function buildCommand({ command }, reference, output) {
  return [process.execPath, command, 'build', reference, '-o', output, '--no-cache', '--quiet'];
}

/**
 * The image that the others have to be equal to, checked.
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} reference
 */
async function fast(setting, reference) {
  const { path } = setting.workspace;
  const result = await watched([buildCommand(setting, reference, path(OUTPUT))]);
  const { fsck } = await checkImage(setting, OUTPUT);
  await rename(path(OUTPUT), path(FAST));
  return { ...result, check: fsck === 'passed' || fsck === 'not checked' ? 'equal' : fsck };
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} reference
 * @param {string} host
 * @param {number} bytesPerSecond
 */
async function slowLine(setting, reference, host, bytesPerSecond) {
  const output = setting.workspace.path(OUTPUT);
  const line = await startSlowLine(host, bytesPerSecond);
  try {
    const slow = reference.replace(host, line.host);
    return await compared(setting, output, [buildCommand(setting, slow, output)]);
  } finally {
    await line.stop();
  }
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} reference
 * @param {number} bytesPerSecond
 */
function slowDisk(setting, reference, bytesPerSecond) {
  const disk = { bytesPerSecond, size: DISK_BYTES };
  return whereItCan((begun) =>
    withSlowDisk(setting.workspace, disk, (folder, enter) => {
      begun();
      const output = join(folder, OUTPUT);
      return compared(setting, output, [[...enter, ...buildCommand(setting, reference, output)]]);
    }),
  );
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} reference
 * @param {number} cores
 */
function slowCore(setting, reference, cores) {
  const output = setting.workspace.path(OUTPUT);
  return whereItCan((begun) =>
    withLimits({ cores }, (enter) => {
      begun();
      return compared(setting, output, [[...enter, ...buildCommand(setting, reference, output)]]);
    }),
  );
}

/**
 * A failure before `begun` is this machine's, one after it ours.
 * @template T
 * @param {(begun: () => void) => Promise<T>} body
 * @returns {Promise<T>}
 */
async function whereItCan(body) {
  let hasBegun = false;
  try {
    return await body(() => {
      hasBegun = true;
    });
  } catch (error) {
    if (hasBegun) throw error;
    throw new Impossible(/** @type {Error} */ (error).message);
  }
}

/**
 * The same image, byte for byte, as where nothing is slow.
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {string} output path
 * @param {string[][]} stages
 */
async function compared({ workspace }, output, stages) {
  const result = await watched(stages);
  const isSame = await run('cmp', [workspace.path(FAST), output]).then(
    () => true,
    () => false,
  );
  await rm(output);
  return { ...result, check: isSame ? 'equal' : 'differs from the image of the fast run' };
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {number} bytes
 * @param {number} runs
 */
function largeFile(setting, bytes, runs) {
  const { path } = setting.workspace;
  const name = `one file of ${bytes / MIB} MiB in a tar`;
  process.stderr.write(`${name}\n`);
  return course(name, true, async () => {
    const build = buildCommand(setting, 'tar:-', path(OUTPUT));
    const samples = [];
    for (let count = 0; count < runs; count++) {
      await rm(path(OUTPUT), { force: true });
      const writer = largeFileCommand('tar', bytes);
      samples.push(await watched([writer, build], writer[1]));
    }
    const last = samples[samples.length - 1];
    const check = await checkLargeFile(setting, bytes);
    await rm(path(OUTPUT));
    // Of what writes the tar nothing counts.
    const peak = Math.max(...samples.map(({ peaks }) => peaks[1]));
    return { ...last, peak, check, runs };
  });
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {number} bytes
 */
async function checkLargeFile(setting, bytes) {
  requireTools('the check of the large file', [...MOUNT_TOOLS, 'sha256sum']);
  const { fsck } = await checkImage(setting, OUTPUT);
  if (fsck !== 'passed' && fsck !== 'not checked') return fsck;
  const [program, ...args] = largeFileCommand('digest', bytes);
  const expected = (await run(program, args)).trim();
  const found = await withImage(
    setting.workspace.path(OUTPUT),
    async (folder) => (await run('sha256sum', [join(folder, LARGE_FILE)])).split(' ')[0],
  );
  return found === expected ? 'equal' : 'the content is not that of the tar';
}
