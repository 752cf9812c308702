/** The tables of the suite of kernels. */

import { table } from '../lib/table.mjs';
import { count, megabytes } from '../lib/units.mjs';

/** The share of node:zlib's time that unpacking a gzip layer may take. */
const TARGET = 0.7;
const OURS = 'erofs-wasm';

/** @typedef {import('../lib/kernel-turns.mjs').KernelResult} KernelResult */
/** @typedef {import('./kernels.mjs').KernelsResults} KernelsResults */
/** @typedef {import('./kernels.mjs').Unpacked} Unpacked */

/** @param {KernelsResults} results */
export function kernelsText({ runs, versions, gzip, zstd, small }) {
  return [
    versions,
    `Medians of ${runs}, MB of output in a second; in brackets the share of the first one's time, and its range.`,
    ...unpackedText('gzip', gzip, verdict),
    ...unpackedText('Zstandard', zstd, () => []),
    ...smallText(small),
    ...failures([...gzip, ...zstd]),
  ].join('\n\n');
}

/**
 * @param {string} format
 * @param {readonly Unpacked[]} layers
 * @param {(layers: readonly Unpacked[]) => string[]} sayMore
 */
function unpackedText(format, layers, sayMore) {
  const [first] = layers;
  if (first === undefined) return [];
  const names = first.results.map(({ name }) => name);
  const header = ['', 'packed', ...names];
  const rows = (/** @type {'wall' | 'cpu'} */ key) =>
    layers.map(({ content, encoder, packedBytes, bytes, results }) => [
      `${content}, ${encoder}`,
      megabytes(packedBytes),
      ...results.map((result) => cell(result, key, bytes)),
    ]);
  return [
    `### ${format}, by wall time`,
    table(header, rows('wall')),
    ...sayMore(layers),
    `### ${format}, by processor time of all threads`,
    table(header, rows('cpu')),
  ];
}

/**
 * @param {KernelResult} result
 * @param {'wall' | 'cpu'} key
 * @param {number} bytes
 */
function cell(result, key, bytes) {
  const time = result[key];
  if (time === undefined) return 'failed';
  const ratio = key === 'wall' ? result.wallRatio : result.cpuRatio;
  const speed = count(Math.round(bytes / 1e6 / time.median));
  if (ratio === undefined || ratio.min === ratio.max) return speed;
  const [median, min, max] = [ratio.median, ratio.min, ratio.max].map((share) => share.toFixed(2));
  return `${speed} (${median}, ${min}..${max})`;
}

/** @param {readonly Unpacked[]} layers */
function verdict(layers) {
  return [
    `- of the wall time of node:zlib: ${met(layers, 'wallRatio')}\n- of its processor time: ${met(layers, 'cpuRatio')}`,
  ];
}

/**
 * @param {readonly Unpacked[]} layers
 * @param {'wallRatio' | 'cpuRatio'} key
 */
function met(layers, key) {
  const shares = layers.flatMap(({ content, encoder, results }) => {
    const ratio = results.find(({ name }) => name === OURS)?.[key];
    return ratio === undefined ? [] : [{ layer: `${content}, ${encoder}`, share: ratio.median }];
  });
  const worst = shares.sort((a, b) => b.share - a.share)[0];
  if (worst === undefined) return 'nothing was measured';
  const good = shares.filter(({ share }) => share <= TARGET).length;
  const most = `the most is ${worst.share.toFixed(2)} (${worst.layer})`;
  return `${OURS} takes at most ${TARGET.toFixed(2)} on **${good} of ${shares.length}** layers; ${most}`;
}

/** @param {KernelsResults['small']} small */
function smallText(small) {
  if (small.length === 0) return [];
  const names = [...new Set(small.flatMap(({ results }) => results.map(({ name }) => name)))];
  const rows = small.map(({ name, unit, bytes, results }) => [
    `${name}, ${count(unit)} bytes a call`,
    ...names.map((who) => {
      const result = results.find((each) => each.name === who);
      return result === undefined ? '' : cell(result, 'cpu', bytes);
    }),
  ]);
  return ['### Checksums and directory blocks, by processor time', table(['', ...names], rows)];
}

/** @param {readonly Unpacked[]} layers */
function failures(layers) {
  return layers.flatMap(({ content, encoder, results }) =>
    results
      .filter(({ failure }) => failure !== undefined)
      .map(({ name, failure }) => `- ${name}, ${content}, ${encoder}: ${failure}`),
  );
}
