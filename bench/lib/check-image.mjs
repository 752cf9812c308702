/** What erofs-utils say about an image: those of the peers. */

import { run } from './run.mjs';

/**
 * Where there is no fsck.erofs, `fsck` says so, which is no failure on a user's machine and one where `CI` is set.
 * @param {import('./contenders.mjs').Setting} setting
 * @param {string} name of the image in the workspace
 * @param {readonly string[]} [options] of fsck.erofs
 * @returns {Promise<{ fsck: string, inodes?: number }>} `fsck` is `passed`, or what fsck.erofs said
 */
export async function checkImage({ peers, workspace }, name, options = []) {
  if (!peers.fsck) {
    if (process.env.CI) throw new Error('there is no fsck.erofs to check images with');
    return { fsck: NOT_CHECKED };
  }
  const path = workspace.peerPath(name);
  const call = (/** @type {string[]} */ ...command) => {
    const [program = '', ...args] = [...peers.enter, ...command];
    return run(program, args);
  };
  const fsck = await call('fsck.erofs', ...options, path).then(
    () => 'passed',
    (error) => error.message.trim().split('\n').slice(1).join('; '),
  );
  const dump = await call('dump.erofs', '-s', path).catch(() => '');
  const inodes = /inode count: *(\d+)/.exec(dump)?.[1];
  return { fsck, ...(inodes === undefined ? {} : { inodes: Number(inodes) }) };
}

/** What is said of an image where nothing can check it. */
export const NOT_CHECKED = 'not checked';
