/** What the suite of layers found, as tables and sentences. */

import { comparisonLines } from '../lib/comparison-text.mjs';
import { table } from '../lib/table.mjs';
import { count, mebibytes, megabytes, range, seconds } from '../lib/units.mjs';

/**
 * @param {import('./layers.mjs').LayersResult} result
 * @param {number} runs
 */
export function layersText({ image, results, sizes, proof }, runs) {
  const title = `### ${image.title}, ${megabytes(image.packedBytes)} packed`;
  const header = ['', 'time', `range of ${runs}`, 'CPU', 'peak memory', 'images'];
  const notes = [...ratioLines(results), ...sizeLines(sizes), ...proofLines(proof)];
  const parts = [table(header, results.map(timeRow)), sizesTable(image.packed, sizes)];
  return [title, ...parts, notes.join('\n')].join('\n\n');
}

/**
 * Whether something of ours failed or is wrong; how fast or small it is does not count.
 * @param {import('./layers.mjs').LayersResult} result
 */
export function isBroken({ results, sizes, proof }) {
  const ours = results.filter(({ id }) => id.startsWith('ours'));
  if (ours.some(({ failure }) => failure !== undefined)) return true;
  if (sizes.some(({ failure }) => failure !== undefined) || typeof proof === 'string') return true;
  const { fsck, flat, unpacked } = proof;
  return fsck.some((said) => said !== 'passed') || flat.differences + unpacked.differences > 0;
}

/** @param {import('../lib/turns.mjs').Result} result */
function timeRow({ name, failure, wall, cpu, peak, imageBytes }) {
  if (failure !== undefined || wall === undefined) return [name, 'failed', '', '', '', ''];
  const rest = [seconds(cpu ?? 0), mebibytes(peak ?? 0), megabytes(imageBytes ?? 0)];
  return [name, seconds(wall.median), range(wall), ...rest];
}

/** @param {readonly import('../lib/turns.mjs').Result[]} results */
function ratioLines(results) {
  const failures = results
    .filter(({ failure }) => failure !== undefined)
    .map(({ name, failure }) => `- ${name} failed: ${failure}`);
  const median = (/** @type {string} */ id) =>
    results.find((result) => result.id === id)?.wall?.median;
  const [full, bare, theirs] = ['ours', 'ours-no-sha256', 'mkfs'].map(median);
  if (full === undefined || bare === undefined || theirs === undefined) return failures;
  const [ratio, bareRatio] = [full, bare].map((time) => (time / theirs).toFixed(2));
  const without = `${bareRatio} with --no-sha256, as it hashes nothing`;
  return [`- erofs-wasm takes **${ratio}** of the time of mkfs.erofs (${without})`, ...failures];
}

/**
 * @param {readonly number[]} packed
 * @param {readonly import('./layers.mjs').FormSizes[]} sizes
 */
function sizesTable(packed, sizes) {
  const header = ['layer', 'packed', ...sizes.flatMap(({ form }) => [form, 'mkfs.erofs', 'ratio'])];
  const rows = packed.map((bytes, layer) => [
    `${layer}`,
    megabytes(bytes),
    ...sizes.flatMap((form) => sizeCells(form.ours[layer], form.theirs[layer])),
  ]);
  return table(header, rows);
}

/**
 * @param {number | undefined} ours
 * @param {number | undefined} theirs
 */
function sizeCells(ours, theirs) {
  const known = ours !== undefined && theirs !== undefined;
  const cell = (/** @type {number | undefined} */ bytes) =>
    bytes === undefined ? '' : count(bytes);
  return [cell(ours), cell(theirs), known ? (ours / theirs).toFixed(4) : ''];
}

/** @param {readonly import('./layers.mjs').FormSizes[]} sizes */
function sizeLines(sizes) {
  return sizes.map(({ form, ours, theirs, failure }) => {
    if (failure !== undefined) return `- sizes of the form ${form} are missing: ${failure}`;
    if (ours.length === 0 || theirs.length === 0) return `- sizes of the form ${form}: no two`;
    const larger = ours.flatMap((bytes, layer) => (bytes > theirs[layer] ? [layer] : []));
    if (larger.length === 0) return `- ${form}: ours is at most theirs for **every** layer`;
    return `- ${form}: ours is **larger** than theirs for the layers ${larger.join(', ')}`;
  });
}

/** @param {import('../lib/proof.mjs').Proof | string} proof */
function proofLines(proof) {
  if (typeof proof === 'string') return [`- not proven: ${proof}`];
  const { fsck, flat, unpacked } = proof;
  const passed = fsck.filter((said) => said === 'passed').length;
  const failures = fsck.flatMap((said, layer) =>
    said === 'passed' ? [] : [`- fsck.erofs on layer ${layer}: ${said}`],
  );
  return [
    `- fsck.erofs --extract passes ${passed} of ${fsck.length} layer images`,
    ...failures,
    ...comparisonLines('the stack', 'the flattened image', flat),
    ...comparisonLines('the stack', "umoci's unpacked tree", unpacked),
  ];
}
