/** Entries put into a tree one after another, as unpacking them would. */

import type { Census } from './census.ts';
import { ModelFile, type Names, real, UNSTATED } from './file.ts';
import { type Item, KEPT, type ModelEntry, split } from './marker.ts';
import { refused } from './refusal.ts';
import { Walk } from './walk.ts';

/** A hard link whose target its layer does not have. */
export interface OpenLink {
  readonly link: ModelFile;
  readonly path: string;
  readonly target: string;
}

export class Extraction {
  readonly #root: ModelFile;
  readonly #layer: number;
  readonly #census: Census;
  readonly #walk: Walk;
  readonly #open: OpenLink[] = [];

  /** Of the layer with that number, into the tree below `root`. */
  constructor(root: ModelFile, layer: number, census: Census) {
    this.#root = root;
    this.#layer = layer;
    this.#census = census;
    this.#walk = new Walk(root, census);
  }

  add(item: Item): void {
    if (item.kind !== 'entry' && item.kind !== 'kept') return;
    const { entry } = item;
    const path = this.#walk.followParent(item.path);
    if (path === undefined) {
      throw refused('E_PATH', 'a parent of the entry is not a directory', entry.path);
    }
    const file = new ModelFile(entry.type, entry.id, this.#layer, entry.target);
    if (entry.type === 'hardlink') this.#link(file, path, entry);
    this.#put(path, file, entry.path);
  }

  /** To be called in the end: gives hard links the targets that the layer itself has, and returns the others. */
  finish(): OpenLink[] {
    return this.#open.filter((link) => !this.#bindOwn(link));
  }

  #link(link: ModelFile, path: Names, { path: from, target = '' }: ModelEntry): void {
    const end = this.#walk.followParent(split(target));
    if (end?.join('/') === path.join('/')) throw toItself(from, target);
    const open = { link, path: from, target };
    if (!this.#bindOwn(open)) this.#open.push(open);
  }

  #bindOwn(open: OpenLink): boolean {
    const found = this.#walk.find(split(open.target));
    if (found === undefined || found.layer !== this.#layer || found.id === UNSTATED) return false;
    bind(open, found);
    return true;
  }

  /** Gives a name to a file; a directory over a directory only changes its attributes. */
  #put(path: Names, file: ModelFile, spelled: string): void {
    let folder = this.#root;
    for (const [depth, name] of path.slice(0, -1).entries()) {
      folder = folder.child(name) ?? this.#directory(folder, name, depth + 1, spelled);
    }
    const name = path.at(-1);
    const old = name === undefined ? folder : folder.child(name);
    if (old?.isDirectory && file.isDirectory) {
      old.id = file.id;
      old.layer = file.layer;
      return;
    }
    if (old === undefined) this.#census.name(name!, path.length, spelled);
    folder.put(name!, file);
  }

  #directory(folder: ModelFile, name: string, depth: number, spelled: string): ModelFile {
    this.#census.name(name, depth, spelled);
    const directory = new ModelFile('directory', UNSTATED, this.#layer);
    folder.put(name, directory);
    return directory;
  }
}

/** Gives an open link its target. Throws `E_LINK` where that cannot be one. */
export function bind({ link, path, target }: OpenLink, found: ModelFile | undefined): void {
  if (found === undefined) {
    throw refused('E_LINK', 'a hard link has no target in any layer', path, target);
  }
  const file = real(found);
  if (file.isDirectory) throw refused('E_LINK', 'a hard link points to a directory', path, target);
  if (file === link) throw toItself(path, target);
  link.meant = file;
}

/** Such files can be linked to while their layer is read, and have no name in the image. */
export function dropKept(root: ModelFile): void {
  root.remove(KEPT);
}

function toItself(path: string, target: string): Error {
  return refused('E_LINK', 'a hard link points to itself', path, target);
}
