/** What every image must pass: fsck.erofs, the kernel, and our reader, each against the expected tree. */

import { expect } from 'vitest';
import { imageTree } from './image-tree.ts';
import { MOUNT_NEEDS, withMount } from './mount.ts';
import { run } from './tools.ts';
import { compareTrees, directoryLinkErrors, type Tree, walkTree } from './tree-walk.ts';

/** What {@link checkImage} needs, for `describeWith`. */
export const CHECK_NEEDS = {
  tools: ['fsck.erofs', 'python3', ...MOUNT_NEEDS.tools],
  root: true,
} as const;

/** Mounts the image and compares it entry by entry, after fsck.erofs has read all of it. */
export async function checkImage(image: string, expected: Tree): Promise<void> {
  await run('fsck.erofs', ['--extract', image]);
  const mounted = await withMount(image, walkTree);
  expect(compareTrees(expected, mounted)).toEqual([]);
  expect(directoryLinkErrors(mounted)).toEqual([]);
  expect(compareTrees(mounted, imageTree(image))).toEqual([]);
}
