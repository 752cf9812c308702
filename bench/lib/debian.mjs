/** Debian roots by debootstrap, from the mirror this machine installs its own packages from. */

import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.mjs';

/** debootstrap knows no suite newer than itself; they all go by the script of `sid`. */
const SCRIPT = '/usr/share/debootstrap/scripts/sid';

/**
 * @param {string} suite
 * @param {string} root a folder that is empty or not there
 * @param {readonly string[]} [packages] on top of the smallest set
 */
export async function debootstrap(suite, root, packages = []) {
  const include = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
  const mirror = (await debianMirror()) ?? '';
  await run('debootstrap', ['--variant=minbase', ...include, suite, root, mirror, SCRIPT]);
  await removeDownloads(root);
  // A folder made by mkdtemp is closed to others, the root of a file system is not.
  await chmod(root, 0o755);
}

/**
 * Installs packages inside a root.
 * @param {string} root
 * @param {readonly string[]} packages
 */
export async function aptInstall(root, packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  // What is out of date is still signed, and debootstrap has taken it too: a mirror may stand still.
  const update = ['apt-get', '-o', 'Acquire::Check-Valid-Until=false', 'update', '-qq'];
  await run('chroot', [root, ...update], { env });
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  await run('chroot', [root, ...install], { env });
  await removeDownloads(root);
}

/**
 * Packages and their lists, which no image keeps; apt wants the folders.
 * @param {string} root
 */
async function removeDownloads(root) {
  for (const folder of ['var/cache/apt/archives', 'var/lib/apt/lists']) {
    await rm(join(root, folder), { recursive: true, force: true });
    await mkdir(join(root, folder, 'partial'), { recursive: true });
  }
}

/** @returns {Promise<string | undefined>} undefined: debootstrap's own default */
async function debianMirror() {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const mirror = /^(?:URIs:|deb(?: \[[^\]]*\])?) *(\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (mirror !== undefined) return mirror;
  }
  return undefined;
}
