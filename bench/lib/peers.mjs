/**
 * The tools we compare with: those of Debian's `forky` in a root of their own, whatever Debian this machine runs, or
 * the machine's own. A root is entered by chroot, which shares the network and the disk.
 */

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './cache.mjs';
import { debootstrap } from './debian.mjs';
import { missingTools, run } from './run.mjs';

const SUITE = 'forky';
const PACKAGES = ['erofs-utils', 'crane'];

/** Where peers come from; `auto` is the root where it is there already, and the machine otherwise. */
export const PEER_PLACES = ['chroot', 'machine', 'auto'];

/**
 * @typedef {object} Peers
 * @property {string | undefined} root undefined: they are the machine's own
 * @property {string[]} enter what stands before a command line of theirs
 * @property {boolean} mkfs whether there is a mkfs.erofs that reads tars
 * @property {boolean} mkfsOci whether it reads registries
 * @property {boolean} crane
 * @property {boolean} fsck
 * @property {Record<string, string>} versions as their packages name them
 * @property {string[]} leftOut a sentence for each peer that cannot be had
 */

/**
 * Finds the peers; the first time, `chroot` installs them.
 * @param {string} place of {@link PEER_PLACES}
 * @returns {Promise<Peers>}
 */
export async function findPeers(place) {
  const root = join(cacheRoot(), SUITE);
  if (place === 'machine' || (place === 'auto' && !existsSync(root))) return look(undefined);
  const lacking = missingTools(['chroot', 'debootstrap']);
  if (process.getuid?.() !== 0) lacking.push('root');
  const reason =
    lacking.length > 0
      ? `chroot and debootstrap cannot run: missing ${lacking.join(', ')}`
      : existsSync(root)
        ? undefined
        : await install(root);
  if (reason === undefined) return look(root);
  const own = await look(undefined);
  const note = `the peers of ${SUITE} are left out, and the machine's own are measured: ${reason}`;
  return { ...own, leftOut: [note, ...own.leftOut] };
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
 * What is there, in a root or on this machine.
 * @param {string | undefined} root
 * @returns {Promise<Peers>}
 */
async function look(root) {
  const enter = root === undefined ? [] : ['chroot', root];
  const where = root === undefined ? 'this machine' : `the root of ${SUITE}`;
  const outputOf = async (/** @type {string[]} */ ...command) => {
    // Help goes to standard error in some versions.
    return run('bash', ['-c', '"$@" 2>&1', 'bash', ...enter, ...command]).catch(() => undefined);
  };
  const help = await outputOf('mkfs.erofs', '--help');
  const mkfs = help?.includes('--tar=') === true;
  const mkfsOci = help?.includes('--oci') === true;
  const crane = (await outputOf('crane', 'export', '--help')) !== undefined;
  const fsck = (await outputOf('fsck.erofs', '-V')) !== undefined;
  /** @type {Record<string, string>} */
  const versions = {};
  for (const name of [...(help || fsck ? ['erofs-utils'] : []), ...(crane ? ['crane'] : [])])
    versions[name] =
      (await outputOf('dpkg-query', '-W', name))?.trim().split('\t')[1] ?? 'of unknown version';
  const mkfsName = `mkfs.erofs ${versions['erofs-utils'] ?? ''}`.trim();
  const missing =
    help === undefined ? 'mkfs.erofs is not on' : `${mkfsName} reads no such input on`;
  const leftOut = [
    ...(mkfs ? [] : [`mkfs.erofs --tar is left out: ${missing} ${where}`]),
    ...(mkfsOci ? [] : [`mkfs.erofs --oci is left out: ${missing} ${where}`]),
    ...(crane ? [] : [`crane is left out: it is not on ${where}`]),
    ...(fsck ? [] : [`images are not checked by fsck.erofs: it is not on ${where}`]),
  ];
  return { root, enter, mkfs, mkfsOci, crane, fsck, versions, leftOut };
}
