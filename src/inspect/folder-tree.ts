/** Directories gathered in the order of a walk. */

import { fromLatin1, latin1 } from '../bytes.ts';
import { Folder } from './folder.ts';
import type { Share } from './tally.ts';

/** A directory whose names are still coming, and how its path goes on before them. */
interface OpenFolder {
  readonly folder: Folder;
  readonly prefix: string;
}

export class FolderTree {
  readonly #open: OpenFolder[] = [];
  #root: Folder | undefined;

  /** Adds a name; each directory comes before what is in it. */
  add(path: string, isDirectory: boolean, share: Share): void {
    const start = path.lastIndexOf('/') + 1;
    while (this.#open.length > 0 && !isIn(path, start, this.#open.at(-1)!)) this.#close();
    const parent = this.#open.at(-1)?.folder;
    if (parent !== undefined) parent.entries++;
    const name = copyOf(path.slice(start));
    if (!isDirectory) {
      parent?.addFile(name, share);
      return;
    }
    const folder = new Folder(name, parent, share);
    this.#root ??= folder;
    this.#open.push({ folder, prefix: path === '/' ? path : `${path}/` });
  }

  /** The topmost directory, once all names were added. */
  finish(): Folder | undefined {
    while (this.#open.length > 0) this.#close();
    return this.#root;
  }

  /** A directory that is finished counts in the one that it is in. */
  #close(): void {
    const { folder } = this.#open.pop()!;
    this.#open.at(-1)?.folder.addFinished(folder);
  }
}

function isIn(path: string, start: number, { prefix }: OpenFolder): boolean {
  return start === prefix.length && path.startsWith(prefix);
}

/** A part of a text that does not keep all of it in memory. */
function copyOf(text: string): string {
  return latin1(fromLatin1(text));
}
