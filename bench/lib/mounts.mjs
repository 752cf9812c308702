/** Images mounted by the kernel, and stacked, for as long as a function runs. */

import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onInterrupt } from './interrupt.mjs';
import { run } from './run.mjs';

/** What {@link withImage} and {@link withStack} run; they need root as well. */
export const MOUNT_TOOLS = ['mount', 'umount', 'losetup'];

/**
 * @template T
 * @param {string} image path
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withImage(image, use) {
  return withMount(['-t', 'erofs', '-o', 'ro,loop', image], use);
}

/**
 * Stacks images by overlayfs, read-only, over an empty folder: without a writable layer the kernel wants two at
 * least (fs/overlayfs/super.c), and whiteouts of the lowest layer hide nothing.
 * @template T
 * @param {readonly string[]} images paths, lowest first
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withStack(images, use) {
  const parent = await mkdtemp(join(tmpdir(), 'erofs-wasm-stack-'));
  const empty = join(parent, 'empty');
  await mkdir(empty);
  try {
    return await stack(images, [empty], use);
  } finally {
    await rmdir(empty);
    await rmdir(parent);
  }
}

/**
 * @template T
 * @param {readonly string[]} images still to be mounted, lowest first
 * @param {readonly string[]} folders mounted ones, top first
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
function stack([image, ...others], folders, use) {
  if (image !== undefined) {
    return withImage(image, (folder) => stack(others, [folder, ...folders], use));
  }
  const options = `ro,lowerdir=${folders.join(':')}`;
  return withMount(['-t', 'overlay', 'overlay', '-o', options], use);
}

/**
 * @template T
 * @param {readonly string[]} mount arguments but the folder
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withMount(mount, use) {
  const folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-mount-'));
  try {
    await run('mount', [...mount, folder]);
    const done = onInterrupt(() => spawnSync('umount', ['--lazy', folder]));
    try {
      return await use(folder);
    } finally {
      done();
      await run('umount', [folder]).catch(() => run('umount', ['--lazy', folder]));
    }
  } finally {
    await rmdir(folder);
  }
}
