/** An empty folder that is filled: it may be a mount point, or somebody's working folder, and stays the one it is. */

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { latin1 } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { HeldFolder } from './held-folder.ts';
import { within } from './metadata.ts';
import { move } from './move.ts';
import { writing } from './output-error.ts';
import type { OutputPlace } from './output-place.ts';
import { PrivateFolder, removeTree, TOP_NAME } from './private-folder.ts';

export class FilledFolder implements OutputPlace {
  readonly #path: string;
  readonly #held: HeldFolder;
  /** In it, since what is moved must be on the same file system. */
  readonly #private: PrivateFolder;
  readonly #moved: Buffer[] = [];

  /** `path` is absolute. */
  constructor(path: string) {
    this.#path = path;
    this.#held = new HeldFolder(path);
    try {
      this.#private = new PrivateFolder(join(this.#held.path, TOP_NAME));
    } catch (thrown) {
      this.#held.close();
      throw thrown;
    }
  }

  get folder(): string {
    return this.#private.path;
  }

  get existing(): string {
    return this.#held.path;
  }

  appear(): void {
    const made = join(this.folder, TOP_NAME);
    writing('cannot fill the folder', this.#path, () => {
      for (const name of readdirSync(made, { encoding: 'buffer' })) this.#move(made, name);
      this.#private.remove();
    });
  }

  discard(): void {
    for (const place of this.#moved) removeTree(place);
    this.#private.remove();
  }

  close(): void {
    this.#held.close();
  }

  #move(made: string, name: Buffer): void {
    const place = within(this.existing, latin1(name));
    if (!isFree(place)) {
      throw new ErofsWasmError('E_OUTPUT', 'the folder has got something in it meanwhile', {
        place: this.#path,
        hint: 'let nobody else write to it, and extract again',
      });
    }
    move(within(made, latin1(name)), place);
    this.#moved.push(place);
  }
}

/** An empty folder, such as `lost+found`, is replaced by one. */
function isFree(place: Buffer): boolean {
  const known = lstatSync(place, { throwIfNoEntry: false });
  return known === undefined || known.isDirectory();
}
