/**
 * Layers put together from the top down: what an upper layer says about a name is settled when a lower one comes.
 * Rules: OCI image-spec layer.md, read as an overlay mount shows the layers.
 */

import { latin1 } from '../bytes.ts';
import { isDirectory } from '../posix.ts';
import { type Inodes, NO_INODE } from './inodes.ts';
import { type LayerTree, linkError, type PendingLink } from './layer-tree.ts';
import { LIVE, NameTree, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';
import { type PathNames, splitPath } from './path.ts';

/** Stands for a place that upper layers cut off. */
const HIDDEN = -1;

export class MergedTree {
  #names = new NameTree();
  /** Until the top layer is here; it is then taken over as it is. */
  #empty = true;
  #pending: PendingLink[] = [];
  #lastPlace: { layer?: NameTree; node: number; place: number } = { node: NO_NODE, place: NO_NODE };
  readonly #inodes: Inodes;

  constructor(inodes: Inodes) {
    this.#inodes = inodes;
  }

  get names(): NameTree {
    return this.#names;
  }

  /** Paths, as {@link NameTree.pathOf} spells them, of lower files that links of upper layers wait for. */
  wantedPaths(): Set<string> {
    return new Set(this.#pending.map(({ target }) => pathKey(target)));
  }

  /** Whether what the next lower layer has at `node` of its own tree cannot be seen. */
  hides(layer: NameTree, node: number): boolean {
    if (this.#empty) return false;
    const place = this.#place(layer, node);
    return place === HIDDEN || (place !== NO_NODE && this.#names.has(place, LIVE | WHITEOUT));
  }

  /** The node here of a lower layer's node: {@link NO_NODE} without one, {@link HIDDEN} where it is cut off. */
  #place(layer: NameTree, node: number): number {
    if (node === ROOT) return ROOT;
    const parent = this.#placeOfDirectory(layer, layer.parentOf(node));
    if (parent === NO_NODE || parent === HIDDEN) return parent;
    const name = layer.nameOf(node);
    return this.#names.find(parent, name, 0, name.length);
  }

  /** Entries come one directory after another, so the last answer is mostly the next one. */
  #placeOfDirectory(layer: NameTree, node: number): number {
    const last = this.#lastPlace;
    if (last.layer === layer && last.node === node) return last.place;
    const place = this.#place(layer, node);
    const cutOff =
      place !== NO_NODE &&
      place !== HIDDEN &&
      (this.#names.has(place, OPAQUE | WHITEOUT) || !this.#isOpenDirectory(place));
    this.#lastPlace = { layer, node, place: cutOff ? HIDDEN : place };
    return this.#lastPlace.place;
  }

  /** Puts the next lower layer, read to its end, under what is here. */
  add(layer: LayerTree): void {
    const open = layer.settleLinks();
    this.#pending = this.#pending.filter((link) => !this.#bind(link, layer));
    if (this.#empty) this.#names = layer.names;
    else this.#mergeBelow(ROOT, layer.names, ROOT);
    this.#empty = false;
    this.#pending = this.#pending.concat(open);
  }

  /** To be called after the lowest layer. Throws `E_LINK` for a link whose target no layer has. */
  finish(): void {
    const [link] = this.#pending;
    if (link) throw linkError('a hard link has no target in any layer', link.path, link.target);
  }

  #isOpenDirectory(node: number): boolean {
    const inode = this.#inodes.resolve(this.#names.inodeOf(node));
    return inode === NO_INODE || isDirectory(this.#inodes.columns.mode[inode]!);
  }

  #mergeBelow(into: number, from: NameTree, node: number): void {
    if (this.#names.has(into, WHITEOUT)) return;
    this.#adoptAttributes(into, from, node);
    if (!this.#names.has(into, OPAQUE)) {
      for (const child of from.children(node)) this.#mergeChild(into, from, child);
    }
    this.#adoptMarks(into, from, node);
  }

  /** A directory that upper layers only passed through has the attributes of the next layer that states them. */
  #adoptAttributes(into: number, from: NameTree, node: number): void {
    if (this.#names.inodeOf(into) === NO_INODE) this.#names.setInode(into, from.inodeOf(node));
    if (from.has(node, LIVE)) this.#names.markLive(into);
  }

  #adoptMarks(into: number, from: NameTree, node: number): void {
    for (const mark of [OPAQUE, WHITEOUT]) if (from.has(node, mark)) this.#names.set(into, mark);
  }

  #mergeChild(parent: number, from: NameTree, child: number): void {
    const name = from.nameOf(child);
    const known = this.#names.find(parent, name, 0, name.length);
    if (known === NO_NODE) this.#graft(parent, from, child);
    else if (!this.#isOpenDirectory(known)) return;
    else if (this.#isFile(from, child)) this.#coverFile(known, from, child);
    else this.#mergeBelow(known, from, child);
  }

  #isFile(from: NameTree, node: number): boolean {
    const inode = this.#inodes.resolve(from.inodeOf(node));
    return inode !== NO_INODE && !isDirectory(this.#inodes.columns.mode[inode]!);
  }

  /** A lower file under an upper directory is hidden; under mere whiteouts it shows. */
  #coverFile(known: number, from: NameTree, child: number): void {
    if (this.#names.has(known, LIVE | WHITEOUT)) this.#names.set(known, WHITEOUT);
    else {
      this.#names.removeChildren(known);
      this.#names.setInode(known, from.inodeOf(child));
      this.#names.markLive(known);
    }
  }

  #graft(parent: number, from: NameTree, child: number): void {
    const name = from.nameOf(child);
    const node = this.#names.ensure(parent, name, 0, name.length);
    this.#names.setInode(node, from.inodeOf(child));
    this.#adoptMarks(node, from, child);
    if (from.has(child, LIVE)) this.#names.markLive(node);
    for (const below of from.children(child)) this.#graft(node, from, below);
  }

  /** Whether the layer answers an upper layer's link: with its file, or with the news that there is none. */
  #bind(link: PendingLink, layer: LayerTree): boolean {
    const node = layer.lookup(link.target);
    const inode = node === NO_NODE ? NO_INODE : this.#inodes.resolve(layer.names.inodeOf(node));
    if (inode !== NO_INODE) {
      if (isDirectory(this.#inodes.columns.mode[inode]!)) {
        throw linkError('a hard link points to a directory', link.path, link.target);
      }
      this.#inodes.columns.alias[link.inode] = inode;
      return true;
    }
    if (layerHides(layer.names, this.#inodes, splitPath(link.target))) {
      throw linkError('a hard link points to a deleted file', link.path, link.target);
    }
    return false;
  }
}

/** Whether `names` deletes or replaces something on the way to a path that it does not hold itself. */
function layerHides(names: NameTree, inodes: Inodes, { bytes, starts, ends }: PathNames): boolean {
  let node = ROOT;
  for (let i = 0; i < starts.length; i++) {
    if (names.has(node, OPAQUE | WHITEOUT)) return true;
    const below = names.find(node, bytes, starts[i]!, ends[i]!);
    if (below === NO_NODE) return false;
    const inode = inodes.resolve(names.inodeOf(below));
    if (inode !== NO_INODE && !isDirectory(inodes.columns.mode[inode]!)) return true;
    node = below;
  }
  return names.has(node, WHITEOUT);
}

/** The spelling of a path that {@link NameTree.pathOf} gives. */
function pathKey(path: Uint8Array): string {
  const { bytes, starts, ends } = splitPath(path);
  return starts.map((start, i) => latin1(bytes.subarray(start, ends[i]!))).join('/');
}
