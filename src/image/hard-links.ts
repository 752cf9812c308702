/** Which names lead to the same inode. */

import type { TreeNode } from '../erofs/reader.ts';
import { isDirectory } from '../posix.ts';

/** Fed with a walk, tells of each name the first one with its inode. Keeps one path for each inode with several links. */
export class HardLinks {
  readonly #firstPaths = new Map<number, string>();

  /** The first path of those fed so far that leads to the same inode; the node's own where it is the first. */
  first({ path, inode }: TreeNode): string {
    if (inode.nlink < 2 || isDirectory(inode.mode)) return path;
    const known = this.#firstPaths.get(inode.nid);
    if (known === undefined) this.#firstPaths.set(inode.nid, path);
    return known ?? path;
  }
}
