/** Where an extraction ends up: made under another name beside it, and renamed when it is complete. */

import {
  chmodSync,
  linkSync,
  lstatSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { temporaryPath } from '../commit/temporary.ts';
import { ErofsWasmError } from '../errors.ts';

const OWNER_ONLY = 0o700;

export class OutputPlace {
  /** Absolute. */
  readonly path: string;
  /** Where it is made; nothing is there yet. */
  readonly temporary: string;
  readonly #force: boolean;

  /**
   * `inUse` are files that must outlive what is replaced. Throws `E_OUTPUT` where something is there already that may not
   * be replaced.
   */
  constructor(output: string, force: boolean, inUse: readonly string[]) {
    this.path = resolve(output);
    this.temporary = temporaryPath(this.path, 'partial');
    this.#force = force;
    if (isFree(this.path)) return;
    if (!force) throw occupied(output);
    // Links on the way lead to the same folder by another name.
    const real = join(realpathSync(dirname(this.path)), basename(this.path));
    for (const kept of [process.cwd(), homedir(), ...inUse].map(realPath)) {
      if (kept !== real && !kept.startsWith(withSlash(real))) continue;
      throw new ErofsWasmError('E_OUTPUT', 'the output would replace a folder that is in use', {
        place: output,
        hint: `give another place: ${kept} is in it`,
      });
    }
  }

  /** Puts what was made at its place. Throws `E_OUTPUT`. */
  finish(): void {
    try {
      if (this.#force && !isFree(this.path)) this.#replace();
      else this.#appear();
    } catch (cause) {
      throw outputError('cannot rename the finished output', this.path, cause);
    }
  }

  /** Leaves nothing of what was made. */
  discard(): void {
    removeTree(this.temporary);
  }

  /** The kernel renames no folder over one with something in it; a file needs a link to be as careful. */
  #appear(): void {
    if (lstatSync(this.temporary).isDirectory()) {
      renameSync(this.temporary, this.path);
    } else {
      linkSync(this.temporary, this.path);
      unlinkSync(this.temporary);
    }
  }

  #replace(): void {
    const old = temporaryPath(this.path, 'replaced');
    renameSync(this.path, old);
    try {
      renameSync(this.temporary, this.path);
    } catch (cause) {
      renameSync(old, this.path);
      throw cause;
    }
    removeTree(old);
  }
}

/** An `E_OUTPUT` that says what the system said. */
export function outputError(what: string, place: string, cause: unknown): ErofsWasmError {
  if (cause instanceof ErofsWasmError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const hint = code === 'ENOSPC' ? 'the disk is full' : 'check that the folder can be written';
  return new ErofsWasmError('E_OUTPUT', `${what}${code ? `: ${code}` : ''}`, {
    place,
    hint,
    cause,
  });
}

/** Nothing there, or an empty folder. A symbolic link is something. */
function isFree(path: string): boolean {
  const known = lstatSync(path, { throwIfNoEntry: false });
  return known === undefined || (known.isDirectory() && readdirSync(path).length === 0);
}

function occupied(output: string): ErofsWasmError {
  return new ErofsWasmError('E_OUTPUT', 'there is something in the place of the output', {
    place: output,
    hint: 'give a name that is free, or --force to replace it with all that is in it',
  });
}

/** A home may be named that there is not. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function withSlash(path: string): string {
  return path.endsWith(sep) ? path : path + sep;
}

/** Folders may have got modes by now that keep their owner out. */
function removeTree(path: string): void {
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
