/**
 * A disk that takes no more than so many bytes a second: a file system in a file, on a loop device whose speed a control
 * group limits. It is mounted `sync`, as otherwise memory would take what the disk does not.
 */

import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { withLimits } from './cgroup.mjs';
import { onInterrupt } from './interrupt.mjs';
import { requireTools, run } from './run.mjs';

/**
 * Throws where this cannot be done.
 * @template T
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {{ bytesPerSecond: number, size: number }} disk in bytes; what is not written takes no room
 * @param {(folder: string, enter: string[]) => Promise<T>} use gets the folder, and what makes a command write slowly
 * @returns {Promise<T>}
 */
export async function withSlowDisk({ path }, { bytesPerSecond, size }, use) {
  requireTools('a slow disk', ['mkfs.ext4', 'losetup', 'mount', 'umount']);
  const [file, folder] = [path('slow-disk.img'), path('slow-disk')];
  await writeFile(file, '');
  await truncate(file, size);
  await run('mkfs.ext4', ['-q', '-O', '^has_journal', '-E', 'lazy_itable_init=1', file]);
  const device = (await run('losetup', ['--find', '--show', file])).trim();
  const done = onInterrupt(() => {
    spawnSync('umount', ['--lazy', folder]);
    spawnSync('losetup', ['--detach', device]);
  });
  try {
    await mkdir(folder);
    await run('mount', ['-o', 'sync,noatime', device, folder]);
    try {
      const numbers = await readFile(`/sys/block/${basename(device)}/dev`, 'utf8');
      const write = { device: numbers.trim(), bytesPerSecond };
      return await withLimits({ write }, (enter) => use(folder, enter));
    } finally {
      await run('umount', [folder]);
      await rmdir(folder);
    }
  } finally {
    done();
    await run('losetup', ['--detach', device]);
    await rm(file);
  }
}
