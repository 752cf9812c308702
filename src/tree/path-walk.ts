/**
 * Paths followed through symbolic links inside a root, as a container's kernel would: absolute targets start at the
 * root, `..` stops there. Names that are missing count as directories, as in every tool that extracts layers.
 */

import { printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { NAME_MAX } from '../posix.ts';
import { isReserved } from './markers.ts';
import type { PathNames } from './path.ts';

const SLASH = 0x2f;
const DOT = 0x2e;
/** As many links as Linux follows in one path (`MAXSYMLINKS`). All of them count: nested ones would multiply. */
const MAX_SYMLINKS = 40;
/**
 * Names in link targets that one build follows. Forty long links above each of many entries would take hours; a
 * million directories, each behind two links of four names, stay below it.
 */
const MAX_TARGET_NAMES = 2 ** 23;

/** What is left to follow, for all walks that share it. */
export class LinkBudget {
  #names = MAX_TARGET_NAMES;

  /** Throws `E_LIMIT` when nothing is left. */
  spend({ bytes }: PathNames): void {
    if (this.#names-- > 0) return;
    throw new ErofsWasmError('E_LIMIT', 'symbolic links lead through too many names', {
      place: printable(bytes),
      hint: `all entries together may lead through ${MAX_TARGET_NAMES}; the image is hostile`,
    });
  }
}

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
  readonly #budget: LinkBudget;
  /** Whether `..` took back a missing name: once there is something of that name, the path may lead elsewhere. */
  isFleeting = false;

  constructor(terrain: Terrain<P>, budget: LinkBudget) {
    this.#terrain = terrain;
    this.#budget = budget;
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
      else this.#follow(text, path);
    }
  }

  #follow(text: Uint8Array, path: PathNames): void {
    if (++this.#followed > MAX_SYMLINKS) {
      this.#deadEnd = 'too many symbolic links in a path';
      return;
    }
    // No link lies below a missing name, so there is none to forget here.
    if (text[0] === SLASH) this.#at = this.#terrain.root;
    for (let start = 0; start < text.length && this.#deadEnd === undefined; ) {
      const slash = text.indexOf(SLASH, start);
      const end = slash < 0 ? text.length : slash;
      this.#enterTarget(text.subarray(start, end), path);
      start = end + 1;
    }
  }

  #enterTarget(name: Uint8Array, path: PathNames): void {
    this.#budget.spend(path);
    if (name.length === 0 || isDots(name, 1)) return;
    if (isDots(name, 2)) this.#up();
    else if (name.length <= NAME_MAX && !isReserved(name, 0)) this.#enter(name, path);
    else this.#deadEnd = 'a symbolic link leads through a name that no file can have';
  }

  #up(): void {
    if (this.#missing.pop() === undefined) this.#at = this.#terrain.parent(this.#at);
    else this.isFleeting = true;
  }
}

/** Whether the name is that many dots and nothing else. */
function isDots(name: Uint8Array, count: number): boolean {
  return name.length === count && name.every((byte) => byte === DOT);
}
