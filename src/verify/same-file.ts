/** Which names are the same file: files of the model held against inodes of the image, one for one. */

import { inodeName } from '../erofs/inode-name.ts';
import type { Inode } from '../erofs/reader.ts';
import { type ModelFile, WHITEOUT } from './model/file.ts';

/** What is known of a name's file. */
export interface Sameness {
  /** Whether this very pair has been seen: nothing of it needs to be compared again. */
  readonly isKnown: boolean;
  /** First paths of the file and of the inode; the same where the two belong together. */
  readonly expected: string;
  readonly found: string;
}

export class SameFiles {
  readonly #files = new Map<number, ModelFile>();
  /** Of files and inodes with several names. */
  readonly #inodes = new Map<ModelFile, { readonly nid: number; readonly path: string }>();
  readonly #paths = new Map<number, string>();

  /** Takes the pair that stands at `path`. */
  take(file: ModelFile, { nid, nlink }: Inode, path: string): Sameness {
    const known = this.#files.get(nid);
    if (known === undefined) this.#files.set(nid, file);
    // All whiteouts may be one inode: nothing shows it.
    if (file.id === WHITEOUT && (known === undefined || known.id === WHITEOUT)) {
      return { isKnown: false, expected: path, found: path };
    }
    if (known === file) return this.#again(file, nid, path);
    const first = this.#inodes.get(file);
    if (first === undefined && file.names > 1) this.#inodes.set(file, { nid, path });
    if (known === undefined && nlink > 1) this.#paths.set(nid, path);
    const found = known === undefined ? path : (this.#paths.get(nid) ?? inodeName(nid));
    return { isKnown: false, expected: first?.path ?? path, found };
  }

  /** A file may have come apart into inodes that are seen again themselves. */
  #again(file: ModelFile, nid: number, path: string): Sameness {
    const first = this.#inodes.get(file);
    const expected = first?.path ?? path;
    const isOther = first !== undefined && first.nid !== nid;
    return { isKnown: true, expected, found: isOther ? (this.#paths.get(nid) ?? path) : expected };
  }
}

/** Counts the names of each file below `root`; returns how many there are, the root's own included. */
export function countNames(root: ModelFile): number {
  let count = 1;
  for (const name of root.children.keys()) {
    const file = root.child(name)!;
    file.names++;
    count += file.isDirectory ? countNames(file) : 1;
  }
  return count;
}
