/** Images built from tars that a test writes down, read back by our own reader, fsck.erofs and the kernel. */

import { writeFile } from 'node:fs/promises';
import type { BuildOptions, BuildResult } from '../../src/index.ts';
import { CHECK_NEEDS } from './check-image.ts';
import { imageTree } from './image-tree.ts';
import { loadLibrary } from './library.ts';
import { withMount } from './mount.ts';
import { type TarItem, tar } from './tar-builder.ts';
import { run } from './tools.ts';
import { type Tree, walkTree } from './tree-walk.ts';
import { useWorkFolder } from './work-folder.ts';

export { CHECK_NEEDS as TAR_IMAGE_NEEDS };

export interface TarImage {
  readonly file: string;
  readonly result: BuildResult;
  /** The tree as our own reader sees it, which fsck.erofs and, where asked, the kernel have agreed with. */
  readonly tree: Tree;
}

/** How an image is read back, besides by our own reader. */
interface Checks {
  readonly mount?: boolean;
  /** Off where Debian's fsck.erofs 1.5 itself fails: it crashes in trees of many levels. */
  readonly fsck?: boolean;
}

/** Gives a function that builds an image from items and checks that it can be read by all. */
export function useTarImages(): (
  items: readonly TarItem[] | Uint8Array,
  options?: Partial<BuildOptions> & Checks,
) => Promise<TarImage> {
  const path = useWorkFolder();
  let count = 0;
  return async (items, { mount = false, fsck = true, ...options } = {}) => {
    const { build } = await loadLibrary();
    const archive = path(`${++count}.tar`);
    const file = path(`${count}.erofs`);
    await writeFile(archive, items instanceof Uint8Array ? items : tar(items));
    const result = await build({ source: `tar:${archive}`, output: file, threads: 1, ...options });
    if (fsck) await run('fsck.erofs', ['--extract', file]);
    return { file, result, tree: mount ? await withMount(file, walkTree) : imageTree(file) };
  };
}
