/** Folders that stay the ones they are, whatever is put in the place of their names. */

import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';

const FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** An open folder. Who may write where a folder lies can rename it, and put another one there; not so below this path. */
export class HeldFolder {
  /** Leads to the folder in this process, and as the working folder of one that it starts. */
  readonly path: string;
  readonly #descriptor: number;
  #isClosed = false;

  /** A symbolic link is no folder. Throws what the system says. */
  constructor(path: string) {
    this.#descriptor = openSync(path, FOLDER);
    this.path = descriptorPath(this.#descriptor) ?? path;
  }

  /** Owner and permissions. */
  facts(): { readonly uid: number; readonly mode: number } {
    const { uid, mode } = fstatSync(this.#descriptor);
    return { uid, mode: mode & 0o7777 };
  }

  /** Further calls do nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }
}

/** Linux alone leads from a descriptor to what is in its folder (proc(5), `/proc/pid/fd/`). */
function descriptorPath(descriptor: number): string | undefined {
  const path = `/proc/self/fd/${descriptor}`;
  try {
    const [there, own] = [statSync(`${path}/.`), fstatSync(descriptor)];
    return there.ino === own.ino && there.dev === own.dev ? path : undefined;
  } catch {
    return undefined;
  }
}
