/** The images the benchmark builds from, each made once and kept as an OCI layout. */

import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot } from '../lib/cache.mjs';
import { requireTools } from '../lib/run.mjs';
import { addLayer, makeLayout, makeLayoutOfTars } from '../lib/umoci.mjs';
import { oneLine } from '../lib/units.mjs';
import { writeChanges } from './changes.mjs';
import { EXTREME_LAYERS } from './extremes.mjs';
import { debian, nodeModules, small, toolchain } from './roots.mjs';
import { TWIN_LAYERS, twinsVersion } from './twins.mjs';

/** Raise it when what an image holds changes: results of different versions do not compare. */
const VERSION = 1;

/**
 * @typedef {object} Image
 * @property {string} name
 * @property {string} title
 * @property {string} layout OCI layout with the image, tagged `latest`
 * @property {number} version of the recipe: results of different versions do not compare
 * @property {string} manifest digest
 * @property {string[]} layers paths of the packed layers, lowest first
 * @property {string[]} diffIds digests of the unpacked layers
 * @property {number} packedBytes of all layers
 */

const DOWNLOADS = ['umoci', 'debootstrap', 'tar', 'npm', 'chroot'];

/**
 * @typedef {object} Recipe
 * @property {string} title
 * @property {readonly string[]} needs tools to make it; debootstrap among them needs root, the network and minutes
 * @property {(layout: string) => Promise<void>} make
 * @property {string} [version] of what it is made from
 */

/** @type {Readonly<Record<string, Recipe>>} */
const IMAGES = {
  real: {
    title: 'Debian, toolchain, node_modules, changes: 4 layers',
    needs: DOWNLOADS,
    make: makeReal,
  },
  debian: {
    title: 'Debian root: 1 layer',
    needs: DOWNLOADS,
    make: (layout) => makeLayout(layout, [debian]),
  },
  small: {
    title: 'a shell and its settings: 1 layer',
    needs: DOWNLOADS,
    make: (layout) => makeLayout(layout, [small]),
  },
  extremes: {
    title: 'extremes: 3 layers',
    needs: ['umoci'],
    make: (layout) => makeLayoutOfTars(layout, EXTREME_LAYERS),
    version: '2',
  },
  twins: {
    title: 'two layers of one size',
    needs: ['umoci'],
    make: (layout) => makeLayoutOfTars(layout, TWIN_LAYERS),
    version: twinsVersion(),
  },
};

export const IMAGE_NAMES = Object.keys(IMAGES);

/**
 * The images of these names, and a sentence for each one that cannot be made here.
 * @param {readonly string[]} names
 * @param {boolean} quick leaves out what would take minutes to make
 * @returns {Promise<{ made: Image[], notes: string[], leftOut: string[] }>} `notes` tell of failures
 */
export async function makeImages(names, quick) {
  /** @type {Image[]} */
  const made = [];
  /** @type {string[]} */
  const notes = [];
  /** @type {string[]} */
  const leftOut = [];
  for (const name of names) {
    if (quick && isSlow(name)) {
      leftOut.push(
        `- the image ${name} is left out: it is not made yet, and --quick does not wait`,
      );
      continue;
    }
    await image(name).then(
      (result) => made.push(result),
      (error) => notes.push(`- the image ${name} is left out: ${oneLine(error.message)}`),
    );
  }
  return { made, notes, leftOut };
}

/** @param {string} name */
function isSlow(name) {
  return IMAGES[name]?.needs.includes('debootstrap') && !existsSync(join(cacheRoot(), keyOf(name)));
}

/** @param {string} name */
function keyOf(name) {
  return ['image', name, VERSION, ...(IMAGES[name]?.version ? [IMAGES[name].version] : [])].join(
    '-',
  );
}

/**
 * The image of a name in {@link IMAGE_NAMES}; making it the first time takes minutes and the network.
 * @param {string} name
 * @returns {Promise<Image>}
 */
export async function image(name) {
  const recipe = IMAGES[name];
  if (recipe === undefined) throw new RangeError(`no image ${name}: there are ${IMAGE_NAMES}`);
  const folder = await cached(keyOf(name), async (target) => {
    requireTools(`the image ${name}`, recipe.needs);
    if (process.getuid?.() !== 0) throw new Error('it takes root to make it');
    await recipe.make(join(target, 'layout'));
  });
  const layout = join(folder, 'layout');
  const { manifest, layers, diffIds } = await readLayout(layout);
  const sizes = await Promise.all(layers.map(async (path) => (await stat(path)).size));
  const packedBytes = sizes.reduce((total, size) => total + size, 0);
  const { title } = recipe;
  return { name, title, layout, version: VERSION, manifest, layers, diffIds, packedBytes };
}

/** @param {string} layout */
async function makeReal(layout) {
  await makeLayout(layout, [debian, toolchain, nodeModules]);
  const tar = `${layout}.changes.tar`;
  writeChanges(tar);
  await addLayer(layout, tar);
}

/**
 * @param {string} layout
 * @returns {Promise<{ manifest: string, layers: string[], diffIds: string[] }>}
 */
async function readLayout(layout) {
  const blob = (/** @type {string} */ digest) => join(layout, 'blobs', digest.replace(':', '/'));
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const manifest = index.manifests[0].digest;
  const { layers, config } = JSON.parse(await readFile(blob(manifest), 'utf8'));
  const { rootfs } = JSON.parse(await readFile(blob(config.digest), 'utf8'));
  const paths = layers.map((/** @type {any} */ layer) => blob(layer.digest));
  return { manifest, layers: paths, diffIds: rootfs.diff_ids };
}
