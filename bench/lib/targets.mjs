/** What erofs-wasm wants to reach, and how far a run got. */

import { table } from './table.mjs';
import { mebibytes } from './units.mjs';

const MIB = 2 ** 20;

/**
 * @typedef {object} Target
 * @property {string} suite that measures it
 * @property {string} work
 * @property {string} against
 * @property {number} atMost a ratio, or bytes
 * @property {'ratio' | 'bytes'} unit
 */

/** @type {Readonly<Record<string, Target>>} */
const TARGETS = {
  inflate: {
    suite: 'kernels',
    work: 'inflate a layer, CRC checked, output handed over',
    against: 'node:zlib streaming',
    atMost: 0.7,
    unit: 'ratio',
  },
  'real-crane': {
    suite: 'build',
    work: 'four-layer image',
    against: 'crane export | mkfs.erofs --tar=f',
    atMost: 0.1,
    unit: 'ratio',
  },
  'real-floor': {
    suite: 'build',
    work: 'four-layer image',
    against: 'the floor without the hash of the image',
    atMost: 1.3,
    unit: 'ratio',
  },
  'debian-mkfs': {
    suite: 'build',
    work: 'Debian root, one layer',
    against: 'mkfs.erofs --oci=f',
    atMost: 0.6,
    unit: 'ratio',
  },
  layers: {
    suite: 'layers',
    work: 'the four layers as layer images',
    against: 'gzip -dc | mkfs.erofs --tar=f --aufs, one after another',
    atMost: 0.12,
    unit: 'ratio',
  },
  start: { suite: 'build', work: '3 MB image', against: 'node -e 0', atMost: 5, unit: 'ratio' },
  'peak-real': {
    suite: 'build',
    work: 'peak memory, four-layer image',
    against: '',
    atMost: 320 * MIB,
    unit: 'bytes',
  },
  'peak-entries': {
    suite: 'scale',
    work: 'peak memory, one layer with 1,000,000 small files',
    against: '',
    atMost: 640 * MIB,
    unit: 'bytes',
  },
  'peak-file': {
    suite: 'memory',
    work: 'peak memory, one layer with a single file of 8 GiB',
    against: '',
    atMost: 320 * MIB,
    unit: 'bytes',
  },
  'each-spread': {
    suite: 'scale',
    work: 'time an entry, 1,000,000 entries, spread',
    against: 'the same, 10,000 entries',
    atMost: 1.5,
    unit: 'ratio',
  },
  'each-folder': {
    suite: 'scale',
    work: 'time an entry, 1,000,000 entries, one folder',
    against: 'the same, 10,000 entries',
    atMost: 1.5,
    unit: 'ratio',
  },
  threads: {
    suite: 'build',
    work: 'two layers of one size, two threads',
    against: 'one thread',
    atMost: 0.6,
    unit: 'ratio',
  },
};

/**
 * One line of the table. A target may have several, told apart by what is added to its work.
 * @typedef {object} Measurement
 * @property {string} target name in {@link TARGETS}
 * @property {string} [of] added to the target's work
 * @property {number} [value] ratio of medians, or bytes; absent where it could not be measured
 * @property {number} [plain] the same with --no-sha256
 * @property {number} runs that count
 * @property {string} [why] there is no value
 */

/**
 * The whole table: what was not measured is in it, and why.
 * @param {readonly Measurement[]} measurements
 * @param {(suite: string) => string} whyNot what is said of a target whose suite gave nothing
 * @returns {string}
 */
export function targetsText(measurements, whyNot) {
  for (const { target } of measurements)
    if (!Object.hasOwn(TARGETS, target)) throw new RangeError(`no target ${target}`);
  const header = ['work', 'against', 'at most', 'measured', '--no-sha256', 'runs', 'met'];
  const rows = Object.entries(TARGETS).flatMap(([name, target]) => {
    const lines = measurements.filter((measurement) => measurement.target === name);
    if (lines.length > 0) return lines.map((line) => targetRow(target, line));
    return [targetRow(target, { target: name, runs: 0, why: whyNot(target.suite) })];
  });
  return table(header, rows, [0, 1]);
}

/**
 * @param {Target} target
 * @param {Measurement} measurement
 */
function targetRow({ work, against, atMost, unit }, { of, value, plain, runs, why }) {
  const show = unit === 'bytes' ? mebibytes : (/** @type {number} */ ratio) => ratio.toFixed(2);
  const first = [of === undefined ? work : `${work}: ${of}`, against, show(atMost)];
  if (value === undefined || !Number.isFinite(value))
    return [...first, 'not measured', '', '', why ?? 'no value'];
  const met = value <= atMost ? 'yes' : '**no**';
  return [...first, show(value), plain === undefined ? '' : show(plain), `${runs}`, met];
}

/**
 * The ratio of two medians, and that of the run without the hash of the image.
 * @param {string} target
 * @param {number} runs
 * @param {{ ours: number | undefined, bare?: number | undefined, other: number | undefined, why: string }} times
 * @returns {Measurement}
 */
export function ratioOf(target, runs, { ours, bare, other, why }) {
  if (ours === undefined || other === undefined) return { target, runs, why };
  const value = ours / other;
  return { target, runs, value, ...(bare === undefined ? {} : { plain: bare / other }) };
}
