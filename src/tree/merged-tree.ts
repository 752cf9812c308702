/**
 * Layers put together from the top down, read as an overlay mount shows them: a symbolic link of a lower layer is
 * hidden where an upper layer has entries below its name.
 */

import { isDirectory } from '../posix.ts';
import { type Inodes, NO_INODE } from './inodes.ts';
import type { LayerMerge } from './layer-merge.ts';
import { LayerTree } from './layer-tree.ts';
import { linkError, type PendingLink } from './link-error.ts';
import { LowerLayers } from './lower-layers.ts';
import { LIVE, type NameTree, NO_NODE, OPAQUE, ROOT, WHITEOUT } from './name-tree.ts';
import { type PathNames, pathKey, splitPath } from './path.ts';
import { LinkBudget } from './path-walk.ts';
import { UpperNames } from './upper-names.ts';

/** A link and how many layers are above those that may hold its target. */
interface OpenLink extends PendingLink {
  readonly above: number;
}

/** What one layer says about a path that no layer between it and the link says anything about. */
type Answer =
  | { readonly kind: 'file'; readonly inode: number }
  | { readonly kind: 'directory' | 'hidden' | 'through a link' | 'not here' };

export class MergedTree implements LayerMerge {
  readonly #inodes: Inodes;
  readonly #upper: UpperNames;
  readonly #budget = new LinkBudget();
  #added = 0;
  #pending: OpenLink[] = [];
  /** Links to targets behind symbolic links: where those lead is known when the lowest layer is. */
  #indirect: OpenLink[] = [];
  /** The lowest of the layers that are here, as many as open links may need. */
  #kept: LayerTree[] = [];

  constructor(inodes: Inodes) {
    this.#inodes = inodes;
    this.#upper = new UpperNames(inodes);
  }

  get names(): NameTree {
    return this.#upper.names;
  }

  newLayer(): LayerTree {
    return new LayerTree(this.#inodes, this.#budget);
  }

  wantedPaths(): Set<string> {
    return new Set(this.#pending.map(({ target }) => pathKey(splitPath(target))));
  }

  hides(layer: NameTree, node: number): boolean {
    return this.#added > 0 && this.#upper.hides(layer, node);
  }

  add(layer: LayerTree): void {
    const open = layer.settle();
    this.#pending = this.#pending.filter((link) => this.#staysOpen(link, layer));
    if (this.#added++ === 0) this.#upper.begin(layer.names);
    else this.#upper.addBelow(layer.names);
    this.#keep(layer);
    for (const link of open) this.#pending.push({ ...link, above: this.#added });
  }

  finish(): void {
    const [link] = this.#pending;
    if (link) throw linkError('a hard link has no target in any layer', link.path, link.target);
    // Lower ones first, since an upper one may lead through the name of a lower one.
    const lowestFirst = this.#indirect.sort((a, b) => b.above - a.above);
    for (const indirect of lowestFirst) this.#bindIndirect(indirect);
    this.#kept = [];
  }

  #keep(layer: LayerTree): void {
    if (this.#pending.length + this.#indirect.length > 0) this.#kept.push(layer);
    else this.#kept = [];
  }

  #staysOpen(link: OpenLink, layer: LayerTree): boolean {
    const answer = this.#ask(layer.names, splitPath(link.target));
    if (answer.kind === 'directory') throw toDirectory(link);
    if (answer.kind === 'hidden') {
      throw linkError('a hard link points to a deleted file', link.path, link.target);
    }
    if (answer.kind === 'through a link') this.#indirect.push(link);
    if (answer.kind === 'file') this.#inodes.columns.alias[link.inode] = answer.inode;
    return answer.kind === 'not here';
  }

  #ask(names: NameTree, { bytes, starts, ends }: PathNames): Answer {
    let node = ROOT;
    let isCutOff = false;
    for (let i = 0; i < starts.length; i++) {
      isCutOff ||= names.has(node, OPAQUE | WHITEOUT);
      node = names.find(node, bytes, starts[i]!, ends[i]!);
      if (node === NO_NODE) return { kind: isCutOff ? 'hidden' : 'not here' };
      const inode = this.#inodes.resolve(names.inodeOf(node));
      const { mode } = this.#inodes.columns;
      if (inode === NO_INODE || isDirectory(mode[inode]!)) continue;
      if (i === starts.length - 1) return { kind: 'file', inode };
      return { kind: 'through a link' };
    }
    if (names.has(node, LIVE)) return { kind: 'directory' };
    return { kind: isCutOff || names.has(node, WHITEOUT) ? 'hidden' : 'not here' };
  }

  #bindIndirect(link: OpenLink): void {
    const firstKept = this.#added - this.#kept.length;
    const layers = this.#kept.slice(link.above - firstKept);
    const below = new LowerLayers(layers, this.#inodes, this.#budget);
    const inode = below.find(splitPath(link.target));
    if (inode === NO_INODE) throw toDirectory(link);
    if (inode === undefined) {
      throw linkError('a hard link has no target in any layer', link.path, link.target);
    }
    this.#inodes.columns.alias[link.inode] = inode;
  }
}

function toDirectory({ path, target }: PendingLink): Error {
  return linkError('a hard link points to a directory', path, target);
}
