/** What every image must pass: our check, and fsck.erofs, the kernel and our reader against the expected tree. */

import { expect } from 'vitest';
import { imageTree } from './image-tree.ts';
import { loadLibrary } from './library.ts';
import { MOUNT_NEEDS, withMount } from './mount.ts';
import { run } from './tools.ts';
import { compareTrees, directoryLinkErrors, type Tree, walkTree } from './tree-walk.ts';

/** What {@link checkImage} needs, for `describeWith`. */
export const CHECK_NEEDS = {
  tools: ['fsck.erofs', 'python3', ...MOUNT_NEEDS.tools],
  root: true,
} as const;

/** The only block size that every fsck.erofs reads, and the largest the kernel mounts on most machines. */
const PAGE_SIZE = 4096;

/**
 * Compares the image entry by entry as the kernel and as our reader see it, after fsck.erofs and our own check have
 * read all of it.
 * Where `blockSize` is beyond one of them, the others remain.
 */
export async function checkImage(
  image: string,
  expected: Tree,
  blockSize = PAGE_SIZE,
): Promise<void> {
  if (blockSize === PAGE_SIZE) await run('fsck.erofs', ['--extract', image]);
  if (blockSize <= PAGE_SIZE) {
    const mounted = await withMount(image, walkTree);
    expect(compareTrees(expected, mounted)).toEqual([]);
    expect(directoryLinkErrors(mounted)).toEqual([]);
  }
  const { checkImage: check } = await loadLibrary();
  expect((await check(image, { data: true })).findings).toEqual([]);
  const read = imageTree(image);
  expect(compareTrees(expected, read)).toEqual([]);
  expect(directoryLinkErrors(read)).toEqual([]);
}
