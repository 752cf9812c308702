/**
 * A stack of layers as an overlay mount shows it, to find one path in it: what a hard link of the layer above the
 * stack means. Nothing is merged; a path costs its names in each layer.
 */

import { isDirectory } from '../posix.ts';
import { type Inodes, NO_INODE } from './inodes.ts';
import type { LayerTree } from './layer-tree.ts';
import { LIVE, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';
import type { PathNames } from './path.ts';
import { type LinkBudget, PathWalk, type Terrain } from './path-walk.ts';

/** A directory with the node of each layer that adds to it, or a file. */
interface Place {
  readonly parent: Place | undefined;
  /** One for each layer, {@link NO_NODE} where it adds nothing; empty for a file. */
  readonly nodes: readonly number[];
  /** Row of a file, {@link NO_INODE} for a directory. */
  readonly inode: number;
}

export class LowerLayers {
  readonly #layers: readonly LayerTree[];
  readonly #inodes: Inodes;
  readonly #walk: PathWalk<Place>;

  /** The top one first. */
  constructor(layers: readonly LayerTree[], inodes: Inodes, budget: LinkBudget) {
    this.#layers = layers;
    this.#inodes = inodes;
    const root = this.#directory(
      undefined,
      layers.map(() => ROOT),
    );
    const terrain: Terrain<Place> = {
      root,
      parent: (place) => place.parent ?? root,
      child: (place, name) => this.#child(place, name),
      isDirectory: ({ inode }) => inode === NO_INODE,
      linkText: ({ inode }) => this.#linkText(inode),
    };
    this.#walk = new PathWalk(terrain, budget);
  }

  /** The row of the file at `path`, {@link NO_INODE} for a directory, undefined for nothing. */
  find(path: PathNames): number | undefined {
    return this.#walk.find(path)?.inode;
  }

  #child(parent: Place, name: Uint8Array): Place | undefined {
    const nodes = this.#layers.map(() => NO_NODE);
    let isThere = false;
    for (const [i, { names }] of this.#layers.entries()) {
      const node = names.find(parent.nodes[i] ?? NO_NODE, name, 0, name.length);
      if (node === NO_NODE) continue;
      const isLive = names.has(node, LIVE);
      const inode = isLive ? this.#inodes.resolve(names.inodeOf(node)) : NO_INODE;
      if (inode !== NO_INODE && !isDirectory(this.#inodes.columns.mode[inode]!)) {
        if (!isThere) return { parent, nodes: [], inode };
        break;
      }
      nodes[i] = node;
      isThere ||= isLive;
      if (names.has(node, WHITEOUT)) break;
    }
    return isThere ? this.#directory(parent, nodes) : undefined;
  }

  /** A hard link may stand for a symbolic link of another layer. */
  #linkText(inode: number): Uint8Array | undefined {
    return this.#layers.find(({ linkTexts }) => linkTexts.has(inode))?.linkTexts.get(inode);
  }

  /** An opaque directory is still there, but nothing of lower layers is in it. */
  #directory(parent: Place | undefined, nodes: number[]): Place {
    const opaque = this.#layers.findIndex(({ names }, i) => names.has(nodes[i]!, OPAQUE));
    if (opaque >= 0) nodes.fill(NO_NODE, opaque + 1);
    return { parent, nodes, inode: NO_INODE };
  }
}
