/** Directories with what all below them comes to, gathered in the order of a walk. */

import { Largest } from './largest.ts';
import { addShare, emptyTally, type Share, type Tally } from './tally.ts';

/** A file as a part of its directory. */
export interface FileShare extends Share {
  /** Last name of its path, one char code a byte. */
  readonly name: string;
}

/** A directory; what is below it is in its numbers. */
export interface Folder {
  readonly path: string;
  /** Names directly in it. */
  entries: number;
  /** Names below it. */
  names: number;
  size: number;
  stored: number;
  readonly folders: Folder[];
  /** The files that take most. */
  readonly files: Largest<FileShare>;
  /** What the other files directly in it come to. */
  readonly others: Tally;
}

/** Files of each directory that are known by name; a page shows no more of one. */
const NAMED_FILES = 64;

export class FolderTree {
  readonly #open: Folder[] = [];
  #root: Folder | undefined;

  /** Adds a name; each directory comes before what is in it. */
  add(path: string, isDirectory: boolean, share: Share): void {
    const parentPath = path.slice(0, path.lastIndexOf('/')) || '/';
    while (this.#open.length > 0 && (path === '/' || this.#open.at(-1)!.path !== parentPath)) {
      this.#close();
    }
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.entries++;
    if (!isDirectory) {
      if (parent !== undefined)
        addFile(parent, path.slice(parentPath.length).replace('/', ''), share);
      return;
    }
    const folder = newFolder(path, share);
    parent?.folders.push(folder);
    this.#root ??= folder;
    this.#open.push(folder);
  }

  /** The topmost directory, once all names were added. */
  finish(): Folder | undefined {
    while (this.#open.length > 0) this.#close();
    return this.#root;
  }

  /** A directory that is finished counts in the one that it is in. */
  #close(): void {
    const folder = this.#open.pop()!;
    const parent = this.#open.at(-1);
    if (parent === undefined) return;
    parent.names += folder.names + 1;
    parent.size += folder.size;
    parent.stored += folder.stored;
  }
}

function newFolder(path: string, { stored }: Share): Folder {
  const files = new Largest<FileShare>(NAMED_FILES, (file) => file.stored);
  return { path, entries: 0, names: 0, size: 0, stored, folders: [], files, others: emptyTally() };
}

function addFile(parent: Folder, name: string, { size, stored }: Share): void {
  parent.names++;
  parent.size += size;
  parent.stored += stored;
  const left = parent.files.add({ name, size, stored });
  if (left === undefined) return;
  addShare(parent.others, left);
}
