/**
 * Paths followed through symbolic links inside a root, as a container's kernel would: absolute targets start at the
 * root, `..` stops there. Names that are missing count as directories, as in every tool that extracts layers.
 */

import { fromLatin1, latin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { NAME_MAX } from '../posix.ts';
import { isReserved } from './markers.ts';
import type { PathNames } from './path.ts';

/** As many links as Linux follows in one path (`MAXSYMLINKS`). All of them count: nested ones would multiply. */
const MAX_SYMLINKS = 40;
/**
 * Names in link targets that are followed in all. Forty long links above each of many entries would take hours; a
 * million directories, each behind two links of four names, stay below it.
 */
const MAX_TARGET_NAMES = 2 ** 24;

/** Something that has places with names in them. */
export interface Terrain<P> {
  readonly root: P;
  /** The directory that holds `place`; the root's is the root. */
  parent(place: P): P;
  /** What has that name in a directory, of any type; undefined where nothing has. */
  child(directory: P, name: Uint8Array): P | undefined;
  isDirectory(place: P): boolean;
  /** Text of a symbolic link, undefined for other types. */
  linkText(place: P): Uint8Array | undefined;
}

/** A directory that is there, and the names of those below it that the path has and the terrain lacks. */
export interface Reached<P> {
  readonly at: P;
  readonly missing: readonly Uint8Array[];
}

export class PathWalk<P extends number | object> {
  readonly #terrain: Terrain<P>;
  #at: P;
  #missing: Uint8Array[] = [];
  /** Why the path leads nowhere, once it does. */
  #deadEnd: string | undefined;
  #followed = 0;
  #targetNames = 0;
  /** Whether `..` took back a missing name: once there is something of that name, the path may lead elsewhere. */
  isFleeting = false;

  constructor(terrain: Terrain<P>) {
    this.#terrain = terrain;
    this.#at = terrain.root;
  }

  /** Where the first `count` names lead, or in words why they lead nowhere. Throws `E_LIMIT` for hostile links. */
  directory(path: PathNames, count: number): Reached<P> | string {
    this.#at = this.#terrain.root;
    this.#missing = [];
    this.#deadEnd = undefined;
    this.#followed = 0;
    this.isFleeting = false;
    for (let i = 0; i < count && this.#deadEnd === undefined; i++) {
      this.#enter(path.bytes.subarray(path.starts[i]!, path.ends[i]!), path);
    }
    return this.#deadEnd ?? { at: this.#at, missing: this.#missing };
  }

  /** What is at the path, undefined for nothing; its last name is not followed. */
  find(path: PathNames): P | undefined {
    const last = path.starts.length - 1;
    if (last < 0) return this.#terrain.root;
    const parent = this.directory(path, last);
    if (typeof parent === 'string' || parent.missing.length > 0) return undefined;
    const name = path.bytes.subarray(path.starts[last]!, path.ends[last]!);
    return this.#terrain.child(parent.at, name);
  }

  #enter(name: Uint8Array, path: PathNames): void {
    const below = this.#missing.length > 0 ? undefined : this.#terrain.child(this.#at, name);
    if (below === undefined) this.#missing.push(name);
    else if (this.#terrain.isDirectory(below)) this.#at = below;
    else {
      const text = this.#terrain.linkText(below);
      if (text === undefined) this.#deadEnd = 'a parent of the entry is not a directory';
      else this.#follow(latin1(text), path);
    }
  }

  #follow(text: string, path: PathNames): void {
    if (++this.#followed > MAX_SYMLINKS) {
      this.#deadEnd = 'too many symbolic links in a path';
      return;
    }
    // No link lies below a missing name, so there is none to forget here.
    if (text.startsWith('/')) this.#at = this.#terrain.root;
    const names = text.split('/');
    this.#targetNames += names.length;
    if (this.#targetNames > MAX_TARGET_NAMES) throw tooMuch(path);
    for (const name of names) {
      if (this.#deadEnd !== undefined) return;
      if (name === '..') this.#up();
      else if (name !== '' && name !== '.') this.#enterTarget(name, path);
    }
  }

  #enterTarget(name: string, path: PathNames): void {
    const bytes = fromLatin1(name);
    if (bytes.length <= NAME_MAX && !isReserved(bytes, 0)) this.#enter(bytes, path);
    else this.#deadEnd = 'a symbolic link leads through a name that no file can have';
  }

  #up(): void {
    if (this.#missing.pop() === undefined) this.#at = this.#terrain.parent(this.#at);
    else this.isFleeting = true;
  }
}

function tooMuch({ bytes }: PathNames): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', 'symbolic links lead through too many names', {
    place: printable(bytes),
    hint: `entries may lead through ${MAX_TARGET_NAMES} names of link targets in all; the layer is hostile`,
  });
}
