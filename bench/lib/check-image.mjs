/** What the newest erofs-utils say about an image. */

import { findTool, run } from './run.mjs';

/**
 * @param {import('./contenders.mjs').Setting} setting
 * @param {string} name of the image in the workspace
 * @param {readonly string[]} [options] of fsck.erofs
 * @returns {Promise<{ fsck: string, inodes?: number }>} `fsck` is `passed`, or what fsck.erofs said
 */
export async function checkImage({ peers, workspace }, name, options = []) {
  const inRoot = peers.mkfs && peers.root !== undefined;
  if (!inRoot && findTool('fsck.erofs') === undefined)
    return { fsck: 'not checked: no fsck.erofs' };
  const path = inRoot ? workspace.peerPath(name) : workspace.path(name);
  const call = (/** @type {string[]} */ command) =>
    inRoot ? run('chroot', [peers.root ?? '/', ...command]) : run(command[0], command.slice(1));
  const fsck = await call(['fsck.erofs', ...options, path]).then(
    () => 'passed',
    (error) => error.message.trim().split('\n').slice(1).join('; '),
  );
  const dump = await call(['dump.erofs', '-s', path]).catch(() => '');
  const inodes = /inode count: *(\d+)/.exec(dump)?.[1];
  return { fsck, ...(inodes === undefined ? {} : { inodes: Number(inodes) }) };
}
