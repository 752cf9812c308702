/** How time and memory grow with the number of entries, spread over folders and in one folder. */

import { rm } from 'node:fs/promises';
import { noise } from '../images/noise.mjs';
import { tarContenders } from '../lib/contenders.mjs';
import { runRace } from '../lib/race.mjs';
import { table } from '../lib/table.mjs';
import { TarWriter } from '../lib/tar-writer.mjs';
import { isOurs } from '../lib/turns.mjs';
import { count, mebibytes, range, seconds } from '../lib/units.mjs';
import { scalePlot } from '../plots/scale.mjs';

/** One file shows what starting costs, which is no time of an entry. */
const START = 1;
const FEW = 10_000;
const MANY = 1_000_000;
const COUNTS = [START, FEW, 100_000, MANY];
const QUICK_COUNTS = [START, FEW, 100_000];
/** Entries of one folder where they are spread: a large package. */
const FOLDER_ENTRIES = 100;
/** Bytes of a file: 16 to 1015, so that nearly all of them live beside their inode. */
const SMALLEST = 16;
const SIZES = 1_000;
/** A peer may be quadratic in the entries of a folder; a million of them would take it hours. */
const LIMIT_SECONDS = 60;
const QUICK_LIMIT_SECONDS = 10;
const TAR = 'scale.tar';

/**
 * @typedef {object} Shape
 * @property {string} name
 * @property {string} target
 * @property {(number: number) => string} folderOf
 */

/** @type {readonly Shape[]} */
const SHAPES = [
  {
    name: 'spread',
    target: 'each-spread',
    folderOf: (number) =>
      `d${Math.floor(number / FOLDER_ENTRIES / 100)}/e${Math.floor(number / FOLDER_ENTRIES) % 100}`,
  },
  { name: 'one folder', target: 'each-folder', folderOf: () => 'all' },
];

/**
 * @typedef {{ shape: string, entries: number, results: import('../lib/turns.mjs').Result[] }} Scale
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function scale(setting, { quick, runs }) {
  /** @type {Scale[]} */
  const scales = [];
  for (const entries of quick ? QUICK_COUNTS : COUNTS) {
    for (const { name, folderOf } of SHAPES) {
      process.stderr.write(`${count(entries)} files, ${name}\n`);
      writeFiles(setting.workspace.path(TAR), entries, folderOf);
      const lost = losersOf(scales, name);
      const contenders = tarContenders(setting).filter(({ id }) => !lost.has(id));
      const limit = quick ? QUICK_LIMIT_SECONDS : LIMIT_SECONDS;
      const results = await runRace({ contenders, input: TAR, setting, runs, limit });
      scales.push({ shape: name, entries, results: [...results, ...lost.values()] });
    }
  }
  await rm(setting.workspace.path(TAR), { force: true });
  return {
    results: { runs, scales },
    text: scaleText(scales, runs),
    failed: scales.some(({ results, entries }) => isWrong(results[0], entries)),
    measurements: measurements(scales, runs),
    plots: { scale: scalePlot(scales) },
  };
}

/**
 * Peers that failed or were given up with fewer files do not get more of them.
 * @param {readonly Scale[]} scales
 * @param {string} shape
 * @returns {Map<string, import('../lib/turns.mjs').Result>}
 */
function losersOf(scales, shape) {
  const failure = 'not tried, as it failed with fewer files';
  const lost = scales
    .filter((one) => one.shape === shape)
    .flatMap(({ results }) =>
      results.filter((result) => result.failure !== undefined && !isOurs(result)),
    )
    .map(({ id, name }) => /** @type {const} */ ([id, { id, name, failure }]));
  return new Map(lost);
}

/**
 * Too few inodes, too: one each for the files and some for folders. Where nothing can count them, none are missed.
 * @param {import('../lib/turns.mjs').Result} ours
 * @param {number} entries
 */
function isWrong({ failure, inodes = Infinity }, entries) {
  return failure !== undefined || inodes <= entries;
}

/**
 * @param {readonly Scale[]} scales
 * @param {number} runs
 * @returns {import('../lib/targets.mjs').Measurement[]}
 */
function measurements(scales, runs) {
  if (!scales.some(({ entries }) => entries === MANY)) return [];
  const peaks = scales.map(({ results }) => results[0].peak);
  const peak = /** @type {const} */ ({ target: 'peak-entries', runs });
  return [
    peaks.includes(undefined)
      ? { ...peak, why: 'our command failed' }
      : { ...peak, value: Math.max(...peaks.map((bytes) => bytes ?? 0)) },
    ...SHAPES.map(({ name, target }) => {
      const value = growth(scales, name, START);
      return { target, runs, ...(value === undefined ? { why: 'our command failed' } : { value }) };
    }),
  ];
}

/**
 * Time an entry among many, over time an entry among few; what `less` entries take is not counted, or nothing is.
 * @param {readonly Scale[]} scales
 * @param {string} shape
 * @param {number | undefined} less
 * @param {'wall' | 'cpu'} [kind]
 * @returns {number | undefined}
 */
function growth(scales, shape, less, kind = 'wall') {
  const time = (/** @type {number} */ entries) => {
    const found = scales.find((one) => one.shape === shape && one.entries === entries);
    const result = found?.results.find(({ id }) => id === 'ours');
    return kind === 'wall' ? result?.wall?.median : result?.cpu;
  };
  const [many, few, start] = [time(MANY), time(FEW), less === undefined ? 0 : time(less)];
  if (many === undefined || few === undefined || start === undefined) return undefined;
  return (many - start) / MANY / ((few - start) / FEW);
}

/**
 * @param {string} path
 * @param {number} entries
 * @param {(number: number) => string} folderOf
 */
function writeFiles(path, entries, folderOf) {
  const tar = new TarWriter(path);
  const bytes = noise(SMALLEST + SIZES);
  let folder = '';
  for (let number = 0; number < entries; number++) {
    if (folderOf(number) !== folder) {
      folder = folderOf(number);
      tar.directory(folder);
    }
    const size = SMALLEST + ((number * 7919) % SIZES);
    const content = bytes.subarray(0, size);
    // Unlike every other file, so that none of them can share its content.
    content.writeUInt32LE(number, 0);
    tar.file(`${folder}/file-${number}`, content);
  }
  tar.close();
}

/**
 * @param {readonly Scale[]} scales
 * @param {number} runs
 */
function scaleText(scales, runs) {
  const header = ['', 'files', 'time', `range of ${runs}`, 'each', 'peak memory', 'CPU'];
  const rows = scales.flatMap(({ shape, entries, results }) =>
    results.map(({ name, failure, wall, peak, cpu }) => {
      const first = [`${name}, ${shape}`, count(entries)];
      if (failure !== undefined || wall === undefined) return [...first, 'failed', '', '', '', ''];
      const each = entries === START ? '' : `${((wall.median / entries) * 1e6).toFixed(1)} µs`;
      const rest = [each, mebibytes(peak ?? 0), seconds(cpu ?? 0)];
      return [...first, seconds(wall.median), range(wall), ...rest];
    }),
  );
  const failures = scales.flatMap(({ shape, entries, results }) =>
    results
      .filter(({ failure }) => failure !== undefined)
      .map(({ name, failure }) => `- ${name}, ${count(entries)} files, ${shape}: ${failure}`),
  );
  const lines = SHAPES.flatMap(({ name }) => growthLines(scales, name));
  return [table(header, rows), [...lines, ...failures].join('\n')].join('\n\n').trim();
}

/**
 * @param {readonly Scale[]} scales
 * @param {string} shape
 */
function growthLines(scales, shape) {
  const net = growth(scales, shape, START);
  const cpu = growth(scales, shape, START, 'cpu');
  const gross = growth(scales, shape, undefined);
  if (net === undefined || gross === undefined || cpu === undefined) return [];
  return [
    `- ${shape}: an entry among ${count(MANY)} takes erofs-wasm **${net.toFixed(2)}** of the time of one among \
${count(FEW)}, and ${cpu.toFixed(2)} of its CPU time, not counting what one file takes; counting that ${gross.toFixed(2)} of the time`,
  ];
}
