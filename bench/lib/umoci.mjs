/** Puts images together with umoci, whose layers come from the tar and gzip writers of the Go world. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Makes an OCI layout with one image, tagged `latest`. Each stage changes the root; what it changed
 * becomes a layer.
 * @param {string} layout
 * @param {readonly ((root: string) => Promise<void>)[]} stages
 */
export async function makeLayout(layout, stages) {
  const image = `${layout}:latest`;
  const bundle = `${layout}.bundle`;
  const root = join(bundle, 'rootfs');
  await startLayout(layout);
  await run('umoci', ['unpack', '--image', image, bundle]);
  for (const stage of stages) {
    await stage(root);
    await run('umoci', ['repack', '--refresh-bundle', '--image', image, bundle]);
  }
  await rm(bundle, { recursive: true, force: true });
}

/**
 * Makes an OCI layout with one image, tagged `latest`, whose layers are tars, as they are.
 * @param {string} layout
 * @param {readonly ((path: string) => void | Promise<void>)[]} writers of a tar each, lowest layer first
 */
export async function makeLayoutOfTars(layout, writers) {
  await startLayout(layout);
  for (const write of writers) {
    const tar = `${layout}.layer.tar`;
    await write(tar);
    await addLayer(layout, tar);
  }
}

/** @param {string} layout */
async function startLayout(layout) {
  await run('umoci', ['init', '--layout', layout]);
  await run('umoci', ['new', '--image', `${layout}:latest`]);
}

/**
 * Adds a tar file, as it is, as the top layer, and removes it.
 * @param {string} layout
 * @param {string} tar
 */
export async function addLayer(layout, tar) {
  await run('umoci', ['raw', 'add-layer', '--image', `${layout}:latest`, tar]);
  await rm(tar);
  await run('umoci', ['gc', '--layout', layout]);
}
