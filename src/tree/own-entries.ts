/** A tree as a layer will leave it: what the layer itself says about a name goes before what the tree has there. */

import { LIVE, type NameTree, NO_NODE, ROOT } from './name-tree.ts';
import { TreeView, type View } from './tree-walk.ts';

export class OwnEntries implements View {
  readonly #layer: NameTree;
  readonly #names: NameTree;
  readonly #tree: TreeView;
  /** Nodes of the layer by nodes of the tree. */
  readonly #known = new Map([[ROOT, ROOT]]);

  constructor(layer: NameTree, names: NameTree) {
    this.#layer = layer;
    this.#names = names;
    this.#tree = new TreeView(names);
  }

  child(directory: number, name: Uint8Array): number {
    const node = this.#tree.child(directory, name);
    if (node !== NO_NODE) return node;
    const own = this.#layer.find(this.#ownOf(directory), name, 0, name.length);
    if (!this.#layer.has(own, LIVE)) return NO_NODE;
    return this.#names.ensure(directory, name, 0, name.length);
  }

  inodeOf(node: number): number {
    return this.#layer.inodeOf(this.#ownOf(node)) || this.#tree.inodeOf(node);
  }

  #ownOf(node: number): number {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const parent = this.#ownOf(this.#names.parentOf(node));
    const name = this.#names.nameOf(node);
    const own = parent === NO_NODE ? NO_NODE : this.#layer.find(parent, name, 0, name.length);
    this.#known.set(node, own);
    return own;
  }
}
