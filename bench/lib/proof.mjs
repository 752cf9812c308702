/** Holds layer images, stacked by the kernel, against the flattened image and against what umoci unpacks. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkImage } from './check-image.mjs';
import { LIST_TOOLS, passedThrough } from './layer-entries.mjs';
import { MOUNT_TOOLS, withImage, withStack } from './mounts.mjs';
import { requireTools, run } from './run.mjs';
import { compareStack, WALK_TOOLS, walkTree } from './trees.mjs';

const FLAT = 'flat.erofs';
const BUNDLE = 'bundle';

/**
 * @typedef {object} Proof
 * @property {string[]} fsck of each layer image, lowest first: `passed`, or what it said
 * @property {import('./trees.mjs').Comparison} flat with the flattened image, mounted
 * @property {import('./trees.mjs').Comparison} unpacked with umoci's tree
 */

/**
 * Throws where it cannot be done here.
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {readonly string[]} names of the layer images in the workspace, lowest first
 * @returns {Promise<Proof>}
 */
export async function prove(setting, image, names) {
  requireTools('the proof', [...MOUNT_TOOLS, ...WALK_TOOLS, ...LIST_TOOLS, 'umoci']);
  const { workspace } = setting;
  const fsck = [];
  // Only --extract reads the content.
  for (const name of names) fsck.push((await checkImage(setting, name, ['--extract'])).fsck);
  const isPassedThrough = await passedThrough(image.layers);
  const stacked = await withStack(names.map(workspace.path), walkTree);
  const against = (/** @type {import('./trees.mjs').Tree} */ tree) =>
    compareStack(tree, stacked, isPassedThrough);
  const flat = against(await flattenedTree(setting, image));
  return { fsck, flat, unpacked: against(await unpackedTree(setting, image)) };
}

/**
 * The flattened image, mounted, against what umoci unpacks. Throws where that cannot be done here.
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @returns {Promise<import('./trees.mjs').Comparison>}
 */
export async function proveFlat(setting, image) {
  requireTools('the comparison with umoci', [
    ...MOUNT_TOOLS,
    ...WALK_TOOLS,
    ...LIST_TOOLS,
    'umoci',
  ]);
  const isPassedThrough = await passedThrough(image.layers);
  const unpacked = await unpackedTree(setting, image);
  return compareStack(unpacked, await flattenedTree(setting, image), isPassedThrough);
}

/**
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 */
async function flattenedTree({ command, workspace }, { layout }) {
  const path = workspace.path(FLAT);
  const options = ['-T', '0', '-o', path, '--quiet'];
  try {
    await run(process.execPath, [command, 'build', ...options, `oci:${layout}:latest`]);
    return await withImage(path, walkTree);
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 */
async function unpackedTree({ workspace }, { layout }) {
  const bundle = workspace.path(BUNDLE);
  try {
    await run('umoci', ['unpack', '--image', `${layout}:latest`, bundle]);
    return await walkTree(join(bundle, 'rootfs'));
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}
