/** Which names lead to the same inode. */

import { fromLatin1, printable } from '../bytes.ts';
import type { TreeNode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory } from '../posix.ts';
import { type KeptPath, pathOf, WalkPaths } from './walk-paths.ts';

/** A `Map` of V8 holds no more, and throws a `RangeError` then. */
const MAX_INODES = 2 ** 24 - 1;

/**
 * Fed with all of a walk, tells of each name the first one with its inode. Keeps a name for each inode with several links,
 * and the directories that these are in.
 */
export class HardLinks {
  readonly #paths = new WalkPaths();
  readonly #first = new Map<number, KeptPath>();
  readonly #maxInodes: number;

  constructor(maxInodes = MAX_INODES) {
    this.#maxInodes = maxInodes;
  }

  /**
   * The first path of those fed so far that leads to the same inode; the node's own where it is the first. Throws
   * `E_LIMIT` where the inodes are too many to be told apart.
   */
  first({ path, inode }: TreeNode): string {
    if (isDirectory(inode.mode)) this.#paths.enter(path);
    if (inode.nlink < 2 || isDirectory(inode.mode)) return path;
    const known = this.#first.get(inode.nid);
    if (known !== undefined) return pathOf(known);
    if (this.#first.size >= this.#maxInodes) throw tooManyInodes(path, this.#maxInodes);
    this.#first.set(inode.nid, this.#paths.keep(path));
    return path;
  }
}

function tooManyInodes(path: string, max: number): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', `more than ${max} files have several names`, {
    place: printable(fromLatin1(path)),
    hint: 'read parts of the image, one by one',
  });
}
