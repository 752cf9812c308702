/** An output that appears by one rename, where nothing is or in the place of what is there. */

import { linkSync, lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPath } from '../commit/temporary.ts';
import { ErofsWasmError } from '../errors.ts';
import { move } from './move.ts';
import { outputError, writing } from './output-error.ts';
import type { OutputPlace } from './output-place.ts';
import { PrivateFolder, removeTree, TOP_NAME } from './private-folder.ts';

const CANNOT_RENAME = 'cannot rename the finished output';

export class NewOutput implements OutputPlace {
  readonly existing = undefined;
  readonly #path: string;
  readonly #private: PrivateFolder;
  readonly #replaces: boolean;

  /** `path` is absolute. */
  constructor(path: string, replaces: boolean) {
    this.#path = path;
    this.#replaces = replaces;
    this.#private = new PrivateFolder(path);
  }

  get folder(): string {
    return this.#private.path;
  }

  appear(): void {
    const made = join(this.folder, TOP_NAME);
    const known = lstatSync(made, { throwIfNoEntry: false });
    if (known === undefined) throw nothingMade(this.#path);
    if (this.#replaces) replace(made, this.#path);
    else writing(CANNOT_RENAME, this.#path, () => place(made, this.#path));
    this.#private.remove();
  }

  discard(): void {
    this.#private.remove();
  }

  close(): void {}
}

/** The kernel renames no folder over one with something in it; a file needs a link to be as careful. */
function place(made: string, path: string): void {
  if (lstatSync(made).isDirectory()) move(made, path);
  else linkSync(made, path);
}

function replace(made: string, path: string): void {
  const isFolder = (name: string) => lstatSync(name).isDirectory();
  if (isFolder(made) || isFolder(path)) exchange(made, path);
  else writing(CANNOT_RENAME, path, () => renameSync(made, path));
}

/** No rename puts a folder in the place of one with something in it, or of a file. */
function exchange(made: string, path: string): void {
  const old = temporaryPath(path, 'replaced');
  const away = 'cannot move what was there out of the way, so it is kept as it was';
  writing(away, path, () => renameSync(path, old));
  try {
    place(made, path);
  } catch (cause) {
    throw putBack(old, path, cause);
  }
  removeOld(old);
}

/** The failure to tell of. */
function putBack(old: string, path: string, failure: unknown): unknown {
  try {
    renameSync(old, path);
    return outputError(`${CANNOT_RENAME}, and what was there is kept`, path, failure);
  } catch {
    const what = `${CANNOT_RENAME}, and what was there has another name now`;
    return outputError(what, old, failure, `rename that back to ${path}`);
  }
}

function removeOld(old: string): void {
  try {
    removeTree(old);
  } catch (cause) {
    const what = 'the output is complete, but not all of what was there can be removed';
    throw outputError(what, old, cause, 'remove the rest, which is there now');
  }
}

/** A device or a pipe may be all there is to make. */
function nothingMade(path: string): ErofsWasmError {
  return new ErofsWasmError('E_OUTPUT', 'the file could not be made', {
    place: path,
    hint: 'devices need root, and devices and pipes need python3 in PATH',
  });
}
