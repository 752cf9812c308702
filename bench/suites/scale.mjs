/** How time and memory grow with the number of entries, spread over folders and in one folder. */

import { rm } from 'node:fs/promises';
import { tarContenders } from '../lib/contenders.mjs';
import { runRace } from '../lib/race.mjs';
import { table } from '../lib/table.mjs';
import { TarWriter } from '../lib/tar-writer.mjs';
import { count, mebibytes, range, seconds } from '../lib/units.mjs';

const COUNTS = [10_000, 100_000, 1_000_000];
const QUICK_COUNTS = [10_000, 100_000];
/** Entries of one folder where they are spread: a large package. */
const FOLDER_ENTRIES = 100;
/** Bytes of a file: 16 to 1015, so that nearly all of them live beside their inode. */
const SMALLEST = 16;
const SIZES = 1_000;
/** A peer may be quadratic in the entries of a folder; a million of them would take it hours. */
const LIMIT_SECONDS = 300;
const TAR = 'scale.tar';

/** @type {Record<string, (number: number) => string>} */
const SHAPES = {
  spread: (number) =>
    `d${Math.floor(number / FOLDER_ENTRIES / 100)}/e${Math.floor(number / FOLDER_ENTRIES) % 100}`,
  'one folder': () => 'all',
};

/**
 * @typedef {{ shape: string, entries: number, results: import('../lib/turns.mjs').Result[] }} Scale
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {{ quick: boolean, runs: number }} options
 */
export async function scale(setting, { quick, runs }) {
  /** @type {Scale[]} */
  const scales = [];
  for (const entries of quick ? QUICK_COUNTS : COUNTS) {
    for (const shape of Object.keys(SHAPES)) {
      process.stderr.write(`${count(entries)} files, ${shape}\n`);
      writeFiles(setting.workspace.path(TAR), entries, SHAPES[shape]);
      const contenders = tarContenders(setting);
      const race = { contenders, input: TAR, setting, runs, limit: LIMIT_SECONDS };
      scales.push({ shape, entries, results: await runRace(race) });
    }
  }
  await rm(setting.workspace.path(TAR), { force: true });
  const failed = scales.some(({ results }) => results[0].failure !== undefined);
  return { results: { runs, scales }, text: scaleText(scales, runs), failed };
}

/**
 * @param {string} path
 * @param {number} entries
 * @param {(number: number) => string} folderOf
 */
function writeFiles(path, entries, folderOf) {
  const tar = new TarWriter(path);
  const noise = makeNoise();
  let folder = '';
  for (let number = 0; number < entries; number++) {
    if (folderOf(number) !== folder) {
      folder = folderOf(number);
      tar.directory(folder);
    }
    const size = SMALLEST + ((number * 7919) % SIZES);
    const content = noise.subarray(0, size);
    // Unlike every other file, so that none of them can share its content.
    content.writeUInt32LE(number, 0);
    tar.file(`${folder}/file-${number}`, content);
  }
  tar.close();
}

/** Bytes without a pattern, the same each time: a linear congruential generator, its high bits. */
function makeNoise() {
  let state = 1;
  const bytes = Buffer.alloc(SMALLEST + SIZES);
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
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
      const each = `${((wall.median / entries) * 1e6).toFixed(1)} µs`;
      const rest = [each, mebibytes(peak ?? 0), seconds(cpu ?? 0)];
      return [...first, seconds(wall.median), range(wall), ...rest];
    }),
  );
  const failures = scales.flatMap(({ shape, entries, results }) =>
    results
      .filter(({ failure }) => failure !== undefined)
      .map(({ name, failure }) => `- ${name}, ${count(entries)} files, ${shape}: ${failure}`),
  );
  return [table(header, rows), failures.join('\n')].join('\n\n').trim();
}
