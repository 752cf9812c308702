/** A folder that nobody else can enter, in which a tree is made before it goes to its place. */

import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPath } from '../commit/temporary.ts';
import { ErofsWasmError } from '../errors.ts';
import { HeldFolder } from './held-folder.ts';
import { writing } from './output-error.ts';

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

/** Folders may have got modes by now that keep their owner out. */
export function removeTree(path: string | Buffer): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    openFolders(Buffer.from(path));
    rmSync(path, { recursive: true, force: true });
  }
}

function openFolders(top: Buffer): void {
  const pending = [top];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (!lstatSync(folder).isDirectory()) continue;
    chmodSync(folder, OWNER_ONLY);
    for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
      if (entry.isDirectory()) pending.push(Buffer.concat([folder, Buffer.from('/'), entry.name]));
    }
  }
}
