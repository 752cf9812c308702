/** Paths looked up from the root every time, through the symbolic links on them. */

import { NAME_MAX } from '../../posix.ts';
import type { Census } from './census.ts';
import type { ModelFile, Names } from './file.ts';

/** What a layer itself says of names, spelled as it spells them; it goes before what the tree has there. */
export class OwnNames {
  file: ModelFile | undefined;
  readonly #children = new Map<string, OwnNames>();

  child(name: string): OwnNames | undefined {
    return this.#children.get(name);
  }

  set(path: Names, file: ModelFile): void {
    let at: OwnNames = this;
    for (const name of path) {
      const next = at.#children.get(name) ?? new OwnNames();
      at.#children.set(name, next);
      at = next;
    }
    at.file = file;
  }
}

/** A place that a path has come to; what is missing there counts as a directory. */
interface Place {
  readonly name: string;
  readonly file: ModelFile | undefined;
  readonly own: OwnNames | undefined;
}

/** As many as Linux follows in one path. */
const MAX_LINKS = 40;

export class Walk {
  readonly #root: Place;
  readonly #census: Census;

  constructor(root: ModelFile, census: Census, own?: OwnNames) {
    this.#root = { name: '', file: root, own };
    this.#census = census;
  }

  /** The names of the place to which a path leads when every link on it is followed; undefined where to none. */
  follow(path: Names): string[] | undefined {
    return this.#places(path)?.map(({ name }) => name);
  }

  /** The same, with the last name not followed. */
  followParent(path: Names): string[] | undefined {
    if (path.length === 0) return [];
    const parent = this.follow(path.slice(0, -1));
    return parent && [...parent, path.at(-1)!];
  }

  /** The file at a path, its last name not followed. */
  find(path: Names): ModelFile | undefined {
    if (path.length === 0) return this.#root.file;
    const places = this.#places(path.slice(0, -1));
    if (places === undefined) return undefined;
    return (places.at(-1) ?? this.#root).file?.child(path.at(-1)!);
  }

  #places(path: Names): Place[] | undefined {
    const at: Place[] = [];
    const todo = path.toReversed();
    let links = 0;
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        at.pop();
        continue;
      }
      if (name.length > NAME_MAX || (links > 0 && name.startsWith('.wh.'))) return undefined;
      const place = child(at.at(-1) ?? this.#root, name);
      const file = place.own?.file ?? place.file;
      if (file === undefined || file.isDirectory) at.push(place);
      else if (file.type !== 'symlink' || ++links > MAX_LINKS) return undefined;
      else this.#enter(file.target!, at, todo, path);
    }
    return at;
  }

  #enter(target: string, at: Place[], todo: string[], path: Names): void {
    if (target.startsWith('/')) at.length = 0;
    for (const name of target.split('/').reverse()) {
      this.#census.followed(path.join('/'));
      todo.push(name);
    }
  }
}

function child({ file, own }: Place, name: string): Place {
  return { name, file: file?.child(name), own: own?.child(name) };
}
