/** A directory with what all below it comes to. There may be millions, so that each is small. */

import { Largest } from './largest.ts';
import { addShare, emptyTally, type Share, type Tally } from './tally.ts';

/** A file as a part of its directory. */
export interface FileShare extends Share {
  /** Last name of its path, one char code a byte. */
  readonly name: string;
}

/** Files of each directory that are known by name; a page shows no more of one. */
const NAMED_FILES = 64;
const NO_FILES: readonly FileShare[] = [];
const NO_FOLDERS: readonly Folder[] = [];
const NO_TALLY: Readonly<Tally> = emptyTally();

/** What is below it is in its numbers. */
export class Folder {
  /** One char code a byte; empty for the topmost. */
  readonly name: string;
  readonly parent: Folder | undefined;
  /** Names directly in it. */
  entries = 0;
  /** Names below it. */
  names = 0;
  size = 0;
  stored: number;
  #folders: Folder[] | undefined;
  #files: Largest<FileShare> | undefined;
  #others: Tally | undefined;

  constructor(name: string, parent: Folder | undefined, { stored }: Share) {
    this.name = name;
    this.parent = parent;
    this.stored = stored;
    if (parent === undefined) return;
    parent.#folders ??= [];
    parent.#folders.push(this);
  }

  /** Put together when it is asked for: a tree of deep paths would not fit into memory. */
  get path(): string {
    const names: string[] = [];
    for (let at: Folder | undefined = this; at.parent !== undefined; at = at.parent) {
      names.push(at.name);
    }
    return `/${names.reverse().join('/')}`;
  }

  get folders(): readonly Folder[] {
    return this.#folders ?? NO_FOLDERS;
  }

  /** The files that take most. */
  get files(): readonly FileShare[] {
    return this.#files?.list() ?? NO_FILES;
  }

  /** What the other files directly in it come to. */
  get others(): Readonly<Tally> {
    return this.#others ?? NO_TALLY;
  }

  addFile(name: string, { size, stored }: Share): void {
    this.names++;
    this.size += size;
    this.stored += stored;
    this.#files ??= new Largest<FileShare>(NAMED_FILES, (file) => file.stored);
    const left = this.#files.add({ name, size, stored });
    if (left === undefined) return;
    this.#others ??= emptyTally();
    addShare(this.#others, left);
  }

  /** Counts in a directory that is finished. */
  addFinished({ names, size, stored }: Folder): void {
    this.names += names + 1;
    this.size += size;
    this.stored += stored;
  }
}
