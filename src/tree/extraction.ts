/**
 * A tree on which layers are carried out one after another, the lowest first, as umoci extracts them to a disk: an
 * entry goes where the path to it leads, through the symbolic links of all layers so far.
 */

import { fromLatin1 } from '../bytes.ts';
import { isDirectory } from '../posix.ts';
import { type Inodes, NO_INODE } from './inodes.ts';
import type { LayerScript } from './layer-script.ts';
import { linkError, type PendingLink } from './link-error.ts';
import { LIVE, NameTree, NO_NODE, ROOT } from './name-tree.ts';
import { OwnEntries } from './own-entries.ts';
import { splitPath } from './path.ts';
import { LinkBudget } from './path-walk.ts';
import { type LinkTexts, TreeWalk } from './tree-walk.ts';

/** Rows of files by the row of the link that means them. */
type Targets = ReadonlyMap<number, number>;

export class Extraction {
  /** What is there is `LIVE`; other nodes are names without a file. */
  readonly names: NameTree;
  readonly #inodes: Inodes;
  readonly #texts: LinkTexts;
  readonly #budget = new LinkBudget();
  readonly #walk: TreeWalk;
  /** The directory of the last entry, as its layer spells it, and where that led. */
  #lastDirectory = NO_NODE;
  #lastPlace = NO_NODE;

  constructor(inodes: Inodes, texts: LinkTexts) {
    this.names = new NameTree(inodes.limits);
    this.#inodes = inodes;
    this.#texts = texts;
    this.#walk = new TreeWalk(this.names, inodes, texts, this.#budget);
  }

  /** Throws `E_PATH` for an entry below a file, and `E_LINK` for a link without a target. */
  apply(layer: LayerScript): void {
    const below = this.#targetsBelow(layer);
    this.#applyMarkers(layer);
    this.#lastDirectory = NO_NODE;
    const open: PendingLink[] = [];
    for (const [node, inode] of layer.steps()) {
      const place = this.#placeOf(layer.names, node);
      const link = layer.links.get(inode);
      if (link !== undefined && !this.#bindOwn(link, layer, place)) open.push(link);
      if (layer.names.has(node, LIVE)) this.#put(place, inode);
      else this.names.setInode(place, inode);
    }
    const lower = open.filter((link) => !this.#bindOwn(link, layer));
    for (const link of lower) this.#bindLower(link, below);
  }

  /** Files that links mean which find no target in their own layer, whatever the layer does to their names. */
  #targetsBelow(layer: LayerScript): Targets {
    const targets = new Map<number, number>();
    for (const { inode, target } of layer.links.values()) {
      const node = this.#walk.find(splitPath(target));
      if (this.names.has(node, LIVE)) targets.set(inode, this.names.inodeOf(node));
    }
    return targets;
  }

  /**
   * Before all entries of the layer, as they speak of lower layers only. What the layer itself has at a name goes
   * before what lower ones have there: the opaque marker of a directory that replaces a link must not follow the link.
   */
  #applyMarkers({ names, markers }: LayerScript): void {
    if (markers.whiteouts.length + markers.opaque.length === 0) return;
    const view = new OwnEntries(names, this.names);
    const walk = new TreeWalk(this.names, this.#inodes, this.#texts, this.#budget, view);
    for (const path of markers.opaque) {
      const directory = splitPath(fromLatin1(path));
      this.names.removeChildren(walk.findDirectory(directory, directory.starts.length));
    }
    for (const path of markers.whiteouts) this.names.clear(walk.find(splitPath(fromLatin1(path))));
  }

  #placeOf(layer: NameTree, node: number): number {
    if (node === ROOT) return ROOT;
    const parent = this.#placeOfParent(layer, node);
    const name = layer.nameOf(node);
    return this.names.ensure(parent, name, 0, name.length);
  }

  /** Entries mostly come one directory after another, so the last place is usually the next one. */
  #placeOfParent(layer: NameTree, node: number): number {
    const directory = layer.parentOf(node);
    if (directory === this.#lastDirectory) return this.#lastPlace;
    const path = splitPath(fromLatin1(layer.pathOf(node)));
    this.#lastPlace = this.#walk.make(path, path.starts.length - 1);
    this.#lastDirectory = this.#walk.isFleeting ? NO_NODE : directory;
    return this.#lastPlace;
  }

  #put(place: number, inode: number): void {
    if (!this.#isDirectory(place) || !isDirectory(this.#inodes.columns.mode[inode]!)) {
      if (this.names.has(place, LIVE)) this.#lastDirectory = NO_NODE;
      this.names.clear(place);
    }
    this.names.setInode(place, inode);
    this.names.markLive(place);
  }

  #isDirectory(node: number): boolean {
    const inode = this.#inodes.resolve(this.names.inodeOf(node));
    return inode === NO_INODE || isDirectory(this.#inodes.columns.mode[inode]!);
  }

  /** Binds a link to what its own layer has there now. */
  #bindOwn(link: PendingLink, layer: LayerScript, place = NO_NODE): boolean {
    const found = this.#walk.find(splitPath(link.target));
    if (found !== NO_NODE && found === place) throw toItself(link);
    const inode = this.names.inodeOf(found);
    if (!layer.owns(inode)) return false;
    this.#bind(link, inode);
    return true;
  }

  #bindLower(link: PendingLink, below: Targets): void {
    const found = this.#walk.find(splitPath(link.target));
    if (below.has(link.inode)) this.#bind(link, below.get(link.inode)!);
    else if (this.names.has(found, LIVE)) this.#bind(link, this.names.inodeOf(found));
    else throw linkError('a hard link has no target in any layer', link.path, link.target);
  }

  #bind({ inode, path, target }: PendingLink, row: number): void {
    const found = this.#inodes.resolve(row);
    if (found === inode) throw toItself({ inode, path, target });
    if (found === NO_INODE || isDirectory(this.#inodes.columns.mode[found]!)) {
      throw linkError('a hard link points to a directory', path, target);
    }
    this.#inodes.columns.alias[inode] = found;
  }
}

function toItself({ path, target }: PendingLink): Error {
  return linkError('a hard link points to itself', path, target);
}
