/**
 * The tools we compare with, from Debian's `forky` in a root of their own, whatever Debian this machine runs.
 * They run there by chroot, which shares the network and the disk.
 */

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './cache.mjs';
import { debootstrap } from './debian.mjs';
import { missingTools, run } from './run.mjs';

const SUITE = 'forky';
const PACKAGES = ['erofs-utils', 'crane'];

/**
 * @typedef {object} Peers
 * @property {string | undefined} root undefined where there are none
 * @property {boolean} mkfs
 * @property {boolean} crane
 * @property {{ mkfs?: string, crane?: string }} versions as their packages name them
 * @property {string[]} leftOut a sentence for each peer that cannot be had
 */

/**
 * Finds the peers, or installs them the first time.
 * @returns {Promise<Peers>}
 */
export async function findPeers() {
  const root = join(cacheRoot(), SUITE);
  const lacking = missingTools(['chroot', 'debootstrap']);
  if (process.getuid?.() !== 0) lacking.push('root');
  if (lacking.length > 0) return none(`chroot and debootstrap cannot run: missing ${lacking}`);
  const reason = existsSync(root) ? undefined : await install(root);
  if (reason !== undefined) return none(reason);
  const mkfs = await version(root, 'erofs-utils', ['mkfs.erofs', '--version']);
  const crane = await version(root, 'crane', ['crane', 'export', '--help']);
  const leftOut = [
    ...(mkfs === undefined ? ['mkfs.erofs is left out: it does not run in the root'] : []),
    ...(crane === undefined ? ['crane is left out: it does not run in the root'] : []),
  ];
  const versions = { ...(mkfs && { mkfs }), ...(crane && { crane }) };
  return { root, mkfs: mkfs !== undefined, crane: crane !== undefined, versions, leftOut };
}

/**
 * @param {string} root
 * @returns {Promise<string | undefined>} why not
 */
async function install(root) {
  process.stderr.write(`installing ${PACKAGES.join(' and ')} of ${SUITE}, once\n`);
  const unfinished = `${root}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await debootstrap(SUITE, unfinished, PACKAGES);
    await rename(unfinished, root);
    return undefined;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    return `debootstrap failed: ${/** @type {Error} */ (error).message}`;
  }
}

/**
 * The version of an installed package, if its command runs.
 * @param {string} root
 * @param {string} name
 * @param {readonly string[]} trial
 */
async function version(root, name, trial) {
  try {
    await run('chroot', [root, ...trial]);
    return (await run('chroot', [root, 'dpkg-query', '-W', name])).trim().split('\t')[1];
  } catch {
    return undefined;
  }
}

/**
 * @param {string} reason
 * @returns {Peers}
 */
function none(reason) {
  const names = ['crane export | mkfs.erofs', 'mkfs.erofs --oci'];
  const leftOut = names.map((name) => `${name} is left out: ${reason}`);
  return { root: undefined, mkfs: false, crane: false, versions: {}, leftOut };
}
