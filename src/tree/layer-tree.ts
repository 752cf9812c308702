/**
 * One layer as its tar tells it: entries by name, whiteouts and opaque directories kept as marks, nothing merged.
 * Rules: OCI image-spec layer.md; where it is silent, what extracting the tar in order would do.
 */

import { fromLatin1, latin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory, isSymlink } from '../posix.ts';
import { type InodeAttributes, type Inodes, NO_INODE, UNRESOLVED } from './inodes.ts';
import type { Layer, Placement } from './layer-merge.ts';
import { linkError, type PendingLink } from './link-error.ts';
import { hasReservedName, isKeptLink, Markers } from './markers.ts';
import { NameTree, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';
import { type PathNames, splitPath } from './path.ts';
import { LinkBudget } from './path-walk.ts';
import { type LinkTexts, TreeWalk } from './tree-walk.ts';

export type { Placement } from './layer-merge.ts';

export class LayerTree implements Layer {
  readonly names: NameTree;
  readonly #inodes: Inodes;
  readonly #texts = new Map<number, Uint8Array>();
  readonly #walk: TreeWalk;
  readonly #markers = new Markers();
  readonly #deferred: PendingLink[] = [];
  /** The directory of the files that AUFS keeps to be linked to. */
  #keptLinks = NO_NODE;
  #lastDirectory = '';
  #lastParent = NO_NODE;

  constructor(inodes: Inodes, budget = new LinkBudget()) {
    this.names = new NameTree(inodes.limits);
    this.#inodes = inodes;
    this.#walk = new TreeWalk(this.names, inodes, this.#texts, budget);
  }

  /** Texts of the layer's symbolic links. */
  get linkTexts(): LinkTexts {
    return this.#texts;
  }

  add(path: Uint8Array, attributes: InodeAttributes, target: Uint8Array): Placement {
    const names = splitPath(path);
    const taken = this.#markers.take(names, attributes.mode, attributes.device);
    if (taken !== undefined) return taken;
    const spot = this.#spot(names);
    if (spot === ROOT && !isDirectory(attributes.mode)) throw rootNotDirectory(path);
    const inode = this.#inodes.add(attributes);
    if (isSymlink(attributes.mode)) this.#texts.set(inode, target.slice());
    if (isKeptLink(names)) this.#keep(spot, inode);
    else this.#occupy(spot, inode);
    return { kind: 'placed', node: spot, inode };
  }

  link(path: Uint8Array, target: Uint8Array): Placement {
    const names = splitPath(path);
    const taken = this.#markers.take(names, UNRESOLVED.mode, UNRESOLVED.device);
    if (taken !== undefined) return taken;
    const spot = this.#spot(names);
    if (spot === ROOT) throw rootNotDirectory(path);
    const targetNames = linkTarget(path, target);
    const found = this.#walk.find(targetNames);
    if (found === spot) throw linkError('a hard link points to itself', path, target);
    const inode =
      found !== NO_NODE && this.names.inodeOf(found) !== NO_INODE
        ? this.#linkable(found, path, target)
        : this.#defer(path, target);
    this.#occupy(spot, inode);
    return { kind: 'placed', node: spot, inode };
  }

  /**
   * To be called when the layer has been read: sets its marks, binds links to targets that came after them, and
   * returns those whose target must lie in a lower layer.
   */
  settle(): PendingLink[] {
    const open = this.#deferred.filter((link) => !this.#bind(link));
    if (this.#keptLinks !== NO_NODE) this.names.clear(this.#keptLinks);
    for (const path of this.#markers.opaque) this.#mark(path, 0, OPAQUE);
    for (const path of this.#markers.whiteouts) this.#mark(path, 1, WHITEOUT);
    return open;
  }

  #bind({ inode, path, target }: PendingLink): boolean {
    const found = this.#walk.find(splitPath(target));
    if (found === NO_NODE || this.names.inodeOf(found) === NO_INODE) return false;
    const row = this.#inodes.resolve(this.#linkable(found, path, target));
    if (row === inode) throw linkError('hard links point to each other', path, target);
    this.#inodes.columns.alias[inode] = row;
    return true;
  }

  /** The last `tail` names are not followed. A mark below what is no directory has nothing to hide. */
  #mark(path: string, tail: number, flag: number): void {
    const names = splitPath(fromLatin1(path));
    const count = names.starts.length - tail;
    const parent = this.#walk.makeIfPossible(names, count);
    if (parent === NO_NODE) return;
    this.names.set(tail === 0 ? parent : this.#ensureName(parent, names), flag);
  }

  #spot(names: PathNames): number {
    if (names.starts.length === 0) return ROOT;
    return this.#ensureName(this.#parent(names, names.starts.length - 1), names);
  }

  #ensureName(parent: number, { bytes, starts, ends }: PathNames): number {
    const last = starts.length - 1;
    return this.names.ensure(parent, bytes, starts[last]!, ends[last]!);
  }

  /** Entries mostly come one directory after another, so the last parent is usually the next one. */
  #parent(names: PathNames, count: number): number {
    const directory = latin1(names.bytes.subarray(0, count === 0 ? 0 : names.ends[count - 1]!));
    if (this.#lastParent === NO_NODE || directory !== this.#lastDirectory) {
      const parent = this.#walk.make(names, count);
      if (this.#walk.isFleeting) return parent;
      this.#lastParent = parent;
      this.#lastDirectory = directory;
    }
    return this.#lastParent;
  }

  /** Gives `node` an inode. What was there before loses its place; a directory keeps what is below it. */
  #occupy(node: number, inode: number): void {
    const replaces = this.names.inodeOf(node) !== NO_INODE || this.names.hasChildren(node);
    if (replaces) {
      this.#lastParent = NO_NODE;
      if (!isDirectory(this.#inodes.columns.mode[inode]!)) this.names.removeChildren(node);
    }
    this.names.setInode(node, inode);
    this.names.markLive(node);
  }

  /** Such a file can be found by links, but has no name in the image. */
  #keep(node: number, inode: number): void {
    this.names.setInode(node, inode);
    this.#keptLinks = this.names.parentOf(node);
  }

  #linkable(node: number, path: Uint8Array, target: Uint8Array): number {
    const inode = this.#inodes.resolve(this.names.inodeOf(node));
    if (isDirectory(this.#inodes.columns.mode[inode]!)) {
      throw linkError('a hard link points to a directory', path, target);
    }
    return inode;
  }

  #defer(path: Uint8Array, target: Uint8Array): number {
    const inode = this.#inodes.add(UNRESOLVED);
    this.#deferred.push({ inode, path: path.slice(), target: target.slice() });
    return inode;
  }
}

/** The names of a link's target. Throws `E_LINK` for one that no file can have. */
export function linkTarget(path: Uint8Array, target: Uint8Array): PathNames {
  const names = splitPath(target);
  if (hasReservedName(names) && !isKeptLink(names)) {
    throw linkError('a hard link points to a whiteout', path, target);
  }
  return names;
}

export function rootNotDirectory(path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_PATH', 'an entry would replace the root directory', {
    place: printable(path),
    hint: 'the layer is broken or hostile; rebuild it',
  });
}
