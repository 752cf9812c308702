/** Paths followed through the symbolic links of a tree of names. */

import { printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory } from '../posix.ts';
import { type Inodes, NO_INODE } from './inodes.ts';
import { LIVE, type NameTree, NO_NODE, ROOT } from './name-tree.ts';
import type { PathNames } from './path.ts';
import { type LinkBudget, PathWalk, type Reached, type Terrain } from './path-walk.ts';

/** Texts of symbolic links, by inode row. */
export type LinkTexts = ReadonlyMap<number, Uint8Array>;

/** Which files a walk meets. */
export interface View {
  /** The node of that name, {@link NO_NODE} where nothing has it. */
  child(directory: number, name: Uint8Array): number;
  inodeOf(node: number): number;
}

/** What a tree holds; names that were only looked at or cleared are not there. */
export class TreeView implements View {
  readonly #names: NameTree;

  constructor(names: NameTree) {
    this.#names = names;
  }

  child(directory: number, name: Uint8Array): number {
    const names = this.#names;
    const node = names.find(directory, name, 0, name.length);
    const isThere =
      names.has(node, LIVE) || names.inodeOf(node) !== NO_INODE || names.hasChildren(node);
    return isThere ? node : NO_NODE;
  }

  inodeOf(node: number): number {
    return this.#names.inodeOf(node);
  }
}

export class TreeWalk {
  readonly #names: NameTree;
  readonly #walk: PathWalk<number>;

  constructor(
    names: NameTree,
    inodes: Inodes,
    texts: LinkTexts,
    budget: LinkBudget,
    view: View = new TreeView(names),
  ) {
    this.#names = names;
    const terrain: Terrain<number> = {
      root: ROOT,
      parent: (node) => (node === ROOT ? ROOT : names.parentOf(node)),
      child: (node, name) => view.child(node, name) || undefined,
      isDirectory: (node) => {
        const inode = inodes.resolve(view.inodeOf(node));
        return inode === NO_INODE || isDirectory(inodes.columns.mode[inode]!);
      },
      linkText: (node) => texts.get(inodes.resolve(view.inodeOf(node))),
    };
    this.#walk = new PathWalk(terrain, budget);
  }

  /** Whether the last path may lead elsewhere once other names are there, although all that it met stays. */
  get isFleeting(): boolean {
    return this.#walk.isFleeting;
  }

  /** The directory of the first `count` names, made where it is missing. Throws `E_PATH` where it cannot be. */
  make(path: PathNames, count: number): number {
    const reached = this.#walk.directory(path, count);
    if (typeof reached !== 'string') return this.#ensure(reached);
    throw new ErofsWasmError('E_PATH', reached, {
      place: printable(path.bytes),
      hint: 'the layers are broken or hostile; rebuild them',
    });
  }

  /** The same, but {@link NO_NODE} where it cannot be. */
  makeIfPossible(path: PathNames, count: number): number {
    const reached = this.#walk.directory(path, count);
    return typeof reached === 'string' ? NO_NODE : this.#ensure(reached);
  }

  /** The directory of the first `count` names, or {@link NO_NODE}. */
  findDirectory(path: PathNames, count: number): number {
    const reached = this.#walk.directory(path, count);
    return typeof reached === 'string' || reached.missing.length > 0 ? NO_NODE : reached.at;
  }

  /** The node at the path, its last name not followed, or {@link NO_NODE}; there may be nothing at the node. */
  find(path: PathNames): number {
    const { bytes, starts, ends } = path;
    const last = starts.length - 1;
    if (last < 0) return ROOT;
    const parent = this.findDirectory(path, last);
    return this.#names.find(parent, bytes, starts[last]!, ends[last]!);
  }

  #ensure({ at, missing }: Reached<number>): number {
    let node = at;
    for (const name of missing) node = this.#names.ensure(node, name, 0, name.length);
    return node;
  }
}
