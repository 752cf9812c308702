/** What the builder asks of layers and of their merging, whichever way symbolic links of lower layers are read. */

import type { InodeAttributes } from './inodes.ts';
import type { NameTree } from './name-tree.ts';

/**
 * What the layer did with an entry: it has a name now, it was a marker, or it is not in the tree and the reason is
 * worth a warning.
 */
export type Placement =
  | { readonly kind: 'placed'; readonly node: number; readonly inode: number }
  | { readonly kind: 'mark' }
  | { readonly kind: 'ignored'; readonly reason: string };

/** One layer while its entries come, in the order of its tar. Paths and targets are copied. */
export interface Layer {
  /** Holds the nodes of placements. */
  readonly names: NameTree;

  /**
   * Places a file of any type but a hard link. `target` is the text of a symbolic link, else empty.
   * Throws `E_PATH` or `E_WHITEOUT` for names that cannot be.
   */
  add(path: Uint8Array, attributes: InodeAttributes, target: Uint8Array): Placement;

  /** Places one more name for the file at `target`, which may come later or lie in a lower layer. */
  link(path: Uint8Array, target: Uint8Array): Placement;
}

/** Puts layers together, the top one first. */
export interface LayerMerge {
  /** The merged tree; complete after {@link finish}. */
  readonly names: NameTree;

  /** An empty layer, of the kind that {@link add} of the same merge takes. One is filled at a time. */
  newLayer(): Layer;

  /** Paths, as `NameTree.pathOf` spells them, of lower files that hard links of upper layers wait for. */
  wantedPaths(): Set<string>;

  /**
   * Whether what the next lower layer has at `node` of its own names is hidden by upper layers, as far as can be
   * told now. Content that was taken for hidden and is not must be read again.
   */
  hides(layer: NameTree, node: number): boolean;

  /** Takes the next lower layer, read to its end. */
  add(layer: Layer): void;

  /** To be called after the lowest layer. Throws `E_LINK` for a link whose target no layer has. */
  finish(): void;
}
