/** A folder that nobody else can enter, in which a tree is made before it goes to its place. */

import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPath } from '../commit/temporary.ts';
import { ErofsWasmError } from '../errors.ts';
import { HeldFolder } from './held-folder.ts';
import { isSystemError, writing } from './output-error.ts';

/** What the topmost name is called in it. */
export const TOP_NAME = 'tree';

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

export class PrivateFolder {
  readonly #path: string;
  readonly #held: HeldFolder;
  #isRemoved = false;

  /** Makes it beside `place`. Throws what the system says. */
  constructor(place: string) {
    this.#path = temporaryPath(place, 'partial');
    mkdirSync(this.#path, OWNER_ONLY);
    this.#held = new HeldFolder(this.#path);
    const { uid, mode } = this.#held.facts();
    // Where there are no users there are no others.
    const self = process.geteuid?.();
    if (self === undefined || (self === uid && (mode & OTHERS) === 0)) return;
    this.#held.close();
    throw new ErofsWasmError(
      'E_OUTPUT',
      'somebody else has put another folder in the place of ours',
      {
        place: this.#path,
        hint: 'give an output in a folder that only you can write to',
      },
    );
  }

  /** What leads to it, see {@link HeldFolder}. */
  get path(): string {
    return this.#held.path;
  }

  /** Removes it with all that is in it. Further calls do nothing. Throws `E_OUTPUT`. */
  remove(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    writing('cannot remove the private folder of the output', this.#path, () => {
      for (const name of readdirSync(this.path)) removeTree(join(this.path, name));
      this.#held.close();
      rmdirSync(this.#path);
    });
  }
}

/** Removes a file or a folder, however deep: `rmSync` calls itself for each level. */
export function removeTree(top: string | Buffer): void {
  const known = lstatSync(top, { throwIfNoEntry: false });
  if (known === undefined) return;
  if (!known.isDirectory()) {
    unlinkSync(top);
    return;
  }
  const pending: Buffer[] = [Buffer.from(top)];
  for (let folder = pending.at(-1); folder !== undefined; folder = pending.at(-1)) {
    const before = pending.length;
    for (const inside of foldersLeftIn(folder)) pending.push(inside);
    if (pending.length > before) continue;
    rmdirSync(folder);
    pending.pop();
  }
}

/** Removes the files in a folder; the folders in it. */
function foldersLeftIn(folder: Buffer): Buffer[] {
  letOwnerIn(folder);
  const folders: Buffer[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) folders.push(path);
    else unlinkSync(path);
  }
  return folders;
}

/** Folders may have got modes by now that keep their owner out. What belongs to others may let us in all the same. */
function letOwnerIn(folder: Buffer): void {
  try {
    chmodSync(folder, OWNER_ONLY);
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown;
  }
}
