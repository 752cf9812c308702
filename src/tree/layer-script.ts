/**
 * One layer as the list of what its tar says, to be carried out later: where a path leads is not known before the
 * layers below are there. Its names are the paths as they are spelled, through no symbolic link.
 */

import { fromLatin1 } from '../bytes.ts';
import { isDirectory, isSymlink } from '../posix.ts';
import { type InodeAttributes, type Inodes, NO_INODE, UNRESOLVED } from './inodes.ts';
import type { Layer, Placement } from './layer-merge.ts';
import { linkTarget, rootNotDirectory } from './layer-tree.ts';
import type { PendingLink } from './link-error.ts';
import { isKeptLink, Markers } from './markers.ts';
import { NameTree, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';
import { type PathNames, pathKey, splitPath } from './path.ts';

/** A node of the script's names and the inode that comes there. */
export type Step = readonly [node: number, inode: number];

export class LayerScript implements Layer {
  readonly names: NameTree;
  readonly markers = new Markers();
  /** By inode row. */
  readonly links = new Map<number, PendingLink>();
  readonly #inodes: Inodes;
  readonly #texts: Map<number, Uint8Array>;
  readonly #firstInode: number;
  #endInode: number;
  readonly #nodes: number[] = [];
  readonly #rows: number[] = [];

  /** `texts` gets the texts of symbolic links, by inode row. */
  constructor(inodes: Inodes, texts: Map<number, Uint8Array>) {
    this.names = new NameTree(inodes.limits);
    this.#inodes = inodes;
    this.#texts = texts;
    this.#firstInode = inodes.count;
    this.#endInode = inodes.count;
  }

  add(path: Uint8Array, attributes: InodeAttributes, target: Uint8Array): Placement {
    const names = splitPath(path);
    const taken = this.markers.take(names, attributes.mode, attributes.device);
    if (taken !== undefined) return taken;
    if (names.starts.length === 0 && !isDirectory(attributes.mode)) throw rootNotDirectory(path);
    const inode = this.#inodes.add(attributes);
    if (isSymlink(attributes.mode)) this.#texts.set(inode, target.slice());
    return this.#place(names, inode);
  }

  link(path: Uint8Array, target: Uint8Array): Placement {
    const names = splitPath(path);
    const taken = this.markers.take(names, UNRESOLVED.mode, UNRESOLVED.device);
    if (taken !== undefined) return taken;
    if (names.starts.length === 0) throw rootNotDirectory(path);
    linkTarget(path, target);
    const inode = this.#inodes.add(UNRESOLVED);
    this.links.set(inode, { inode, path: path.slice(), target: target.slice() });
    return this.#place(names, inode);
  }

  #place(path: PathNames, inode: number): Placement {
    const node = this.#ensure(path, path.starts.length);
    this.names.setInode(node, inode);
    if (!isKeptLink(path)) this.names.markLive(node);
    this.#nodes.push(node);
    this.#rows.push(inode);
    this.#endInode = inode + 1;
    return { kind: 'placed', node, inode };
  }

  #ensure({ bytes, starts, ends }: PathNames, count: number): number {
    let node = ROOT;
    for (let i = 0; i < count; i++) node = this.names.ensure(node, bytes, starts[i]!, ends[i]!);
    return node;
  }

  /** What the layer places, in the order of its tar. */
  *steps(): Generator<Step> {
    for (const [i, node] of this.#nodes.entries()) yield [node, this.#rows[i]!];
  }

  /** Whether the inode is of an entry of this layer. */
  owns(inode: number): boolean {
    return inode >= this.#firstInode && inode < this.#endInode;
  }

  /** Spelled as `NameTree.pathOf`: targets of links that the layer seems not to have itself. */
  *openTargets(): Generator<string> {
    for (const { target } of this.links.values()) {
      const path = splitPath(target);
      if (!this.#has(path)) yield pathKey(path);
    }
  }

  #has({ bytes, starts, ends }: PathNames): boolean {
    let node = ROOT;
    for (let i = 0; i < starts.length && node !== NO_NODE; i++) {
      node = this.names.find(node, bytes, starts[i]!, ends[i]!);
    }
    return this.names.inodeOf(node) !== NO_INODE;
  }

  /** To be called when the layer has been read: sets its marks on the names, as if no link led elsewhere. */
  settle(): void {
    for (const path of this.markers.opaque) this.#mark(path, OPAQUE);
    for (const path of this.markers.whiteouts) this.#mark(path, WHITEOUT);
  }

  #mark(path: string, flag: number): void {
    const names = splitPath(fromLatin1(path));
    this.names.set(this.#ensure(names, names.starts.length), flag);
  }
}
