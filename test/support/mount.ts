/** An image mounted by the kernel for as long as a function runs. Needs root and a kernel with EROFS. */

import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runAnyway } from './tools.ts';

/** What {@link withMount} needs, for `describeWith`. */
export const MOUNT_NEEDS = { tools: ['mount', 'umount', 'losetup'], root: true } as const;

/**
 * Mounts `image` read-only over a loop device, calls `use` with the folder, and unmounts whatever happens. `devices`
 * are the files that the image refers to, device 1 first; the image begins at byte `offset` of its file.
 */
export async function withMount<T>(
  image: string,
  use: (folder: string) => Promise<T>,
  devices: readonly string[] = [],
  offset = 0,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'erofs-mount-'));
  const loops: string[] = [];
  try {
    for (const device of devices) loops.push(await attach(device));
    const place = offset === 0 ? 'loop' : `loop,offset=${offset}`;
    const options = ['ro', place, ...loops.map((loop) => `device=${loop}`)];
    await run('mount', ['-t', 'erofs', '-o', options.join(','), image, folder]);
    try {
      return await use(folder);
    } finally {
      await unmount(folder);
    }
  } finally {
    for (const loop of loops) await run('losetup', ['--detach', loop]);
    await rmdir(folder);
  }
}

/** Stacks images with overlayfs, the lowest first, and shows the result to `use`. At least two of them. */
export async function withOverlay<T>(
  images: readonly string[],
  use: (folder: string) => Promise<T>,
  options: readonly string[] = [],
): Promise<T> {
  const stack = async (rest: readonly string[], folders: readonly string[]): Promise<T> => {
    const [image, ...others] = rest;
    if (image !== undefined) {
      return withMount(image, (folder) => stack(others, [folder, ...folders]));
    }
    return overlay(folders, use, options);
  };
  return stack(images, []);
}

async function overlay<T>(
  topFirst: readonly string[],
  use: (folder: string) => Promise<T>,
  options: readonly string[],
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  try {
    const all = [`lowerdir=${topFirst.join(':')}`, 'ro', ...options].join(',');
    await run('mount', ['-t', 'overlay', 'overlay', '-o', all, folder]);
    try {
      return await use(folder);
    } finally {
      await unmount(folder);
    }
  } finally {
    await rmdir(folder);
  }
}

async function attach(file: string): Promise<string> {
  const { stdout } = await run('losetup', ['--find', '--show', '--read-only', file]);
  return stdout.toString().trim();
}

/** A lazy unmount follows a busy one, so that a test that leaves a file open leaves no mount behind. */
async function unmount(folder: string): Promise<void> {
  const { code } = await runAnyway('umount', [folder]);
  if (code !== 0) await run('umount', ['--lazy', folder]);
}
