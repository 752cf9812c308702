/** A folder for outputs that the machine and the peers' root both see, on the disk of the cache. */

import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheRoot } from './cache.mjs';
import { onInterrupt } from './interrupt.mjs';

/**
 * @typedef {object} Workspace
 * @property {(name: string) => string} path of a file in it
 * @property {(name: string) => string} peerPath the same as the peers see it
 * @property {() => Promise<void>} remove
 */

/**
 * @param {string | undefined} root of the peers
 * @returns {Promise<Workspace>}
 */
export async function makeWorkspace(root) {
  const parent = join(root ?? cacheRoot(), 'tmp');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'bench-'));
  const done = onInterrupt(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: (name) => join(folder, name),
    peerPath: (name) => join(root === undefined ? folder : join('/tmp', basename(folder)), name),
    remove: async () => {
      await rm(folder, { recursive: true, force: true });
      done();
    },
  };
}
