/**
 * Names seen from the top: what an upper layer says about one is settled when a lower layer comes.
 * Rules: OCI image-spec layer.md, read as an overlay mount shows the layers.
 */

import { isDirectory } from '../posix.ts';
import { type Inodes, NO_INODE } from './inodes.ts';
import { LIVE, NameTree, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';

/** Stands for a place that upper layers cut off. */
const HIDDEN = -1;

export class UpperNames {
  #names: NameTree;
  readonly #inodes: Inodes;
  #lastPlace: { layer?: NameTree; node: number; place: number } = { node: NO_NODE, place: NO_NODE };

  constructor(inodes: Inodes) {
    this.#names = new NameTree(inodes.limits);
    this.#inodes = inodes;
  }

  get names(): NameTree {
    return this.#names;
  }

  /** Takes over the names of the top layer as they are, which saves a copy. */
  begin(top: NameTree): void {
    this.#names = top;
  }

  /** Whether what the next lower layer has at `node` of its own tree cannot be seen. */
  hides(layer: NameTree, node: number): boolean {
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

  /** Puts the next lower layer under what is here. */
  addBelow(layer: NameTree): void {
    this.#merge(ROOT, layer, ROOT);
  }

  #isOpenDirectory(node: number): boolean {
    const inode = this.#inodes.resolve(this.#names.inodeOf(node));
    return inode === NO_INODE || isDirectory(this.#inodes.columns.mode[inode]!);
  }

  #merge(into: number, from: NameTree, node: number): void {
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
    else this.#merge(known, from, child);
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
}
