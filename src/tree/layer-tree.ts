/**
 * One layer as its tar tells it: entries by name, whiteouts and opaque directories kept as marks, nothing merged.
 * Rules: OCI image-spec layer.md; where it is silent, what extracting the tar in order would do.
 */

import { fromLatin1, latin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory, isSymlink, NAME_MAX } from '../posix.ts';
import { type InodeAttributes, type Inodes, NO_INODE } from './inodes.ts';
import { NameTree, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';
import { type PathNames, splitPath } from './path.ts';

const WHITEOUT_PREFIX = '.wh.';
const OPAQUE_MARKER = '.wh..wh..opq';
/** Names of AUFS's own bookkeeping, which old Docker layers carry; image-spec reserves them. */
const AUFS_PREFIX = '.wh..wh.';
/** As many links as Linux follows in one path (`MAXSYMLINKS`). */
const MAX_SYMLINKS = 40;

/** What the layer did with an entry. */
export type Placement =
  | { readonly kind: 'placed'; readonly node: number; readonly inode: number }
  | { readonly kind: 'mark' }
  | { readonly kind: 'ignored'; readonly reason: string };

/**
 * Why a path is walked: to place an entry, which makes missing directories; to place a marker, which has nothing to
 * hide where a parent is no directory; or only to find what is there.
 */
type Walk = 'make' | 'mark' | 'find';

/** A hard link whose target the layer itself does not hold. */
export interface PendingLink {
  /** Inode row that waits for its target. */
  readonly inode: number;
  /** The linking name, for messages. */
  readonly path: Uint8Array;
  readonly target: Uint8Array;
}

export class LayerTree {
  readonly names = new NameTree();
  readonly #inodes: Inodes;
  readonly #targets = new Map<number, Uint8Array>();
  readonly #deferred: PendingLink[] = [];
  /** Links followed on the current path. As in Linux, all of them count: nested ones would multiply. */
  #followed = 0;
  #lastDirectory = '';
  #lastParent = NO_NODE;

  constructor(inodes: Inodes) {
    this.#inodes = inodes;
  }

  /** Places a file of any type but a hard link. `target` is the text of a symbolic link, else empty. */
  add(path: Uint8Array, attributes: InodeAttributes, target: Uint8Array): Placement {
    const spot = this.#locate(path);
    if (typeof spot !== 'number') return spot;
    if (spot === ROOT && !isDirectory(attributes.mode)) throw rootNotDirectory(path);
    const inode = this.#inodes.add(attributes);
    if (isSymlink(attributes.mode)) this.#targets.set(inode, target.slice());
    this.#occupy(spot, inode);
    return { kind: 'placed', node: spot, inode };
  }

  /** Places one more name for the file at `target`, which may come later or lie in a lower layer. */
  link(path: Uint8Array, target: Uint8Array): Placement {
    const spot = this.#locate(path);
    if (typeof spot !== 'number') return spot;
    if (spot === ROOT) throw rootNotDirectory(path);
    const found = this.lookup(target);
    if (found === spot) throw linkError('a hard link points to itself', path, target);
    const inode =
      found !== NO_NODE && this.names.inodeOf(found) !== NO_INODE
        ? this.#linkable(found, path, target)
        : this.#defer(path, target);
    this.#occupy(spot, inode);
    return { kind: 'placed', node: spot, inode };
  }

  /**
   * To be called when the layer has been read: binds links to targets that came after them, and returns those
   * whose target must lie in a lower layer.
   */
  settleLinks(): PendingLink[] {
    return this.#deferred.filter((pending) => {
      const found = this.lookup(pending.target);
      if (found === NO_NODE || this.names.inodeOf(found) === NO_INODE) return true;
      const inode = this.#inodes.resolve(this.#linkable(found, pending.path, pending.target));
      if (inode === pending.inode) {
        throw linkError('hard links point to each other', pending.path, pending.target);
      }
      this.#inodes.columns.alias[pending.inode] = inode;
      return false;
    });
  }

  /** The node at `path`, through the layer's own symbolic links in all but the last name. */
  lookup(path: Uint8Array): number {
    const names = splitPath(path);
    const last = names.starts.length - 1;
    if (last < 0) return ROOT;
    const parent = this.#walk(names, last, 'find');
    if (parent === NO_NODE) return NO_NODE;
    return this.names.find(parent, names.bytes, names.starts[last]!, names.ends[last]!);
  }

  /** The node an entry of that path goes to; a mark or a reason where the name is a marker. */
  #locate(path: Uint8Array): number | Placement {
    const names = splitPath(path);
    const last = names.starts.length - 1;
    if (last < 0) return ROOT;
    const start = names.starts[last]!;
    const end = names.ends[last]!;
    const marker = isMarker(path, start);
    const ignored = this.#bookkeeping(names, marker ? last + 1 : last);
    if (ignored !== undefined) return ignored;
    if (marker) return this.#mark(this.#walk(names, last, 'mark'), path, start, end);
    return this.names.ensure(this.#parent(names, last), path, start, end);
  }

  /** AUFS bookkeeping is passed over; a whiteout cannot have anything below it. */
  #bookkeeping({ bytes, starts, ends }: PathNames, count: number): Placement | undefined {
    for (let i = 0; i < count; i++) {
      if (!isMarker(bytes, starts[i]!)) continue;
      const name = latin1(bytes.subarray(starts[i]!, ends[i]!));
      const final = i === starts.length - 1;
      if (final && name === OPAQUE_MARKER) return undefined;
      if (name.startsWith(AUFS_PREFIX)) {
        return { kind: 'ignored', reason: 'a name that AUFS keeps for itself' };
      }
      if (!final) throw whiteoutError('a whiteout has entries below it', bytes);
    }
    return undefined;
  }

  #mark(parent: number, path: Uint8Array, start: number, end: number): Placement {
    const name = latin1(path.subarray(start, end));
    if (name === OPAQUE_MARKER) {
      if (parent !== NO_NODE) this.names.set(parent, OPAQUE);
      return { kind: 'mark' };
    }
    const hidden = name.slice(WHITEOUT_PREFIX.length);
    if (hidden === '' || hidden === '.' || hidden === '..') {
      throw whiteoutError('a whiteout names no file', path);
    }
    if (parent !== NO_NODE) {
      const node = this.names.ensure(parent, path, start + WHITEOUT_PREFIX.length, end);
      this.names.set(node, WHITEOUT);
    }
    return { kind: 'mark' };
  }

  /** Entries mostly come one directory after another, so the last parent is usually the next one. */
  #parent(names: PathNames, count: number): number {
    const directory = latin1(names.bytes.subarray(0, count === 0 ? 0 : names.ends[count - 1]!));
    if (this.#lastParent === NO_NODE || directory !== this.#lastDirectory) {
      this.#lastParent = this.#walk(names, count, 'make');
      this.#lastDirectory = directory;
    }
    return this.#lastParent;
  }

  /** Walks the first `count` names; {@link NO_NODE} where that leads nowhere. */
  #walk({ bytes, starts, ends }: PathNames, count: number, purpose: Walk): number {
    this.#followed = 0;
    let node = ROOT;
    for (let i = 0; i < count && node !== NO_NODE; i++) {
      node = this.#step(node, bytes.subarray(starts[i]!, ends[i]!), purpose, bytes);
    }
    return node;
  }

  #step(parent: number, name: Uint8Array, purpose: Walk, path: Uint8Array): number {
    const node =
      purpose === 'find'
        ? this.names.find(parent, name, 0, name.length)
        : this.names.ensure(parent, name, 0, name.length);
    const inode = node === NO_NODE ? NO_INODE : this.#inodes.resolve(this.names.inodeOf(node));
    if (inode === NO_INODE) return node;
    const mode = this.#inodes.columns.mode[inode]!;
    if (isDirectory(mode)) return node;
    const target = this.#targets.get(inode);
    if (target !== undefined) return this.#follow(node, target, purpose, path);
    if (purpose !== 'make') return NO_NODE;
    throw new ErofsWasmError('E_PATH', 'a parent of the entry is not a directory in its layer', {
      place: printable(path),
      hint: 'the layer contradicts itself; rebuild it',
    });
  }

  /** The directory a link stands for; absolute targets start at the root, `..` stops there. */
  #follow(link: number, target: Uint8Array, purpose: Walk, path: Uint8Array): number {
    if (++this.#followed > MAX_SYMLINKS) throw badLink('too many symbolic links in a path', path);
    const text = latin1(target);
    let node = text.startsWith('/') ? ROOT : this.names.parentOf(link);
    for (const part of text.split('/')) {
      if (node === NO_NODE) return NO_NODE;
      if (part === '' || part === '.') continue;
      if (part.length > NAME_MAX) throw badLink('a symbolic link leads through no name', path);
      if (part === '..') node = node === ROOT ? ROOT : this.names.parentOf(node);
      else node = this.#step(node, fromLatin1(part), purpose, path);
    }
    return node;
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

/** Attributes of a link that has no target yet; the target's row takes its place. */
const UNRESOLVED: InodeAttributes = {
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0,
  mtimeNsec: 0,
  size: 0,
  device: 0,
  xattrSet: 0,
};

function isMarker(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < WHITEOUT_PREFIX.length; i++) {
    if (bytes[start + i] !== WHITEOUT_PREFIX.charCodeAt(i)) return false;
  }
  return true;
}

function badLink(summary: string, path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_PATH', summary, {
    place: printable(path),
    hint: 'a symbolic link above the entry is broken or hostile; rebuild the layer',
  });
}

function rootNotDirectory(path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_PATH', 'an entry would replace the root directory', {
    place: printable(path),
    hint: 'the layer is broken or hostile; rebuild it',
  });
}

function whiteoutError(summary: string, path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_WHITEOUT', summary, {
    place: printable(path),
    hint: 'rebuild the layer; names that begin with ".wh." are reserved for whiteouts',
  });
}

/** What is wrong with a hard link, naming both of its ends. */
export function linkError(summary: string, path: Uint8Array, target: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_LINK', summary, {
    place: `${printable(path)} -> ${printable(target)}`,
    hint: 'the layer is broken; rebuild it',
  });
}
