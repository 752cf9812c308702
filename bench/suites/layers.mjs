/** An image of each layer: ours against what containerd does, their sizes, and the proof that the stack is the image. */

import { rename, rm, stat } from 'node:fs/promises';
import { makeImages } from '../images/images.mjs';
import {
  containerdBuilders,
  defaultBuilders,
  indexSizes,
  sizesOf,
} from '../lib/layer-builders.mjs';
import { prove } from '../lib/proof.mjs';
import { run } from '../lib/run.mjs';
import { ratioOf } from '../lib/targets.mjs';
import { medianOf, takeTurns } from '../lib/turns.mjs';
import { oneLine } from '../lib/units.mjs';
import { isBroken, layersText } from './layers-text.mjs';

/**
 * Bytes by layer, lowest first; `theirs` is empty where there is no mkfs.erofs.
 * @typedef {{ form: string, ours: number[], theirs: number[], failure?: string }} FormSizes
 */

/**
 * @typedef {object} LayersResult
 * @property {Omit<import('../images/images.mjs').Image, 'layout' | 'layers'> & { packed: number[] }} image
 * @property {import('../lib/turns.mjs').Result[]} results
 * @property {FormSizes[]} sizes
 * @property {import('../lib/proof.mjs').Proof | string} proof or why there is none
 */

/** Of the images, those of several layers whose trees are worth stacking. */
const QUICK_IMAGES = ['extremes'];
const IMAGES = ['real', ...QUICK_IMAGES];

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function layers(setting, { images, runs, quick }) {
  const names = images ?? (quick ? QUICK_IMAGES : IMAGES);
  const { made, notes, leftOut } = await makeImages(names, quick);
  /** @type {LayersResult[]} */
  const all = [];
  for (const each of made) all.push(await layersOf(setting, each, runs));
  const texts = all.map((one) => layersText(one, runs));
  return {
    results: { runs, images: all },
    text: [...texts, [...notes, ...leftOut].join('\n')].join('\n\n').trim(),
    failed: notes.length > 0 || all.some(isBroken),
    measurements: all.filter(({ image }) => image.name === 'real').map((one) => target(one, runs)),
  };
}

/**
 * @param {LayersResult} result
 * @param {number} runs
 */
function target({ results }, runs) {
  return ratioOf('layers', runs, {
    ours: medianOf(results, 'ours'),
    bare: medianOf(results, 'ours-no-sha256'),
    other: medianOf(results, 'mkfs'),
    why: results.find(({ id }) => id === 'mkfs')?.failure ?? 'no mkfs.erofs --tar here',
  });
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {number} runs
 * @returns {Promise<LayersResult>}
 */
async function layersOf(setting, image, runs) {
  process.stderr.write(`${image.title}\n`);
  const { layout: _, layers, ...rest } = image;
  const { results, containerd, kept } = await race(setting, image, runs);
  const sizes = [
    containerd,
    await sizesOfForm('default', () => defaultSizes(setting, image)),
    await sizesOfForm('index', () => indexSizes(setting, image)),
  ];
  process.stderr.write('  proof\n');
  const proof =
    kept.length === 0
      ? 'our command failed'
      : await prove(setting, image, kept).catch((error) => oneLine(error.message));
  for (const name of kept) await rm(setting.workspace.path(name), { force: true });
  const packed = await Promise.all(layers.map(async (path) => (await stat(path)).size));
  return { image: { ...rest, packed }, results, sizes, proof };
}

/**
 * The timed part; it keeps the images of our first run for the proof.
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {number} runs
 */
async function race(setting, image, runs) {
  const { workspace } = setting;
  const contenders = containerdBuilders(setting, image);
  /** @type {FormSizes} */
  const containerd = { form: 'containerd', ours: [], theirs: [] };
  /** @type {string[]} */
  let kept = [];
  const results = await takeTurns({
    contenders,
    runs,
    once: async (builder) => {
      for (const each of contenders) await each.remove();
      // No contender pays for what another one left to be written.
      await run('sync', []);
      return builder.build();
    },
    inspect: async (builder) => {
      const sizes = await sizesOf(workspace, builder);
      if (builder.id === 'ours') kept = await keep(workspace, builder);
      if (builder.id === 'ours') containerd.ours = sizes;
      if (builder.id === 'mkfs') containerd.theirs = sizes;
      return { imageBytes: sizes.reduce((sum, size) => sum + size, 0) };
    },
  });
  for (const each of contenders) await each.remove();
  return { results, containerd, kept };
}

/**
 * @param {import('../lib/workspace.mjs').Workspace} workspace
 * @param {import('../lib/layer-builders.mjs').LayerBuilder} builder
 */
async function keep({ path }, { outputs }) {
  const names = outputs.map((_, layer) => `kept-${layer}.erofs`);
  for (const [layer, name] of names.entries()) await rename(path(outputs[layer]), path(name));
  return names;
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 */
async function defaultSizes(setting, image) {
  const sizes = [];
  for (const builder of defaultBuilders(setting, image)) {
    await builder.remove();
    await builder.build();
    sizes.push(await sizesOf(setting.workspace, builder));
    await builder.remove();
  }
  return sizes;
}

/**
 * @param {string} form
 * @param {() => Promise<number[][]>} measureSizes ours, and those of mkfs.erofs where it is there
 * @returns {Promise<FormSizes>}
 */
async function sizesOfForm(form, measureSizes) {
  process.stderr.write(`  sizes of the form ${form}\n`);
  try {
    const [ours = [], theirs = []] = await measureSizes();
    return { form, ours, theirs };
  } catch (error) {
    return { form, ours: [], theirs: [], failure: oneLine(/** @type {Error} */ (error).message) };
  }
}
