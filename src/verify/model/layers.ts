/**
 * A second reading of layers, written to be plainly right and for nothing else: it shares no code with the builder, and
 * applies the layers from the bottom up to a tree of plain objects. Rules: OCI image-spec layer.md.
 */

import { Census, type ModelLimits } from './census.ts';
import { bind, dropKept, Extraction } from './extraction.ts';
import { ModelFile, type Names, UNSTATED } from './file.ts';
import { keepWhiteouts } from './kept-whiteouts.ts';
import { type Item, itemOf, type ModelEntry, split } from './marker.ts';
import { OwnNames, Walk } from './walk.ts';

/**
 * How a symbolic link of a lower layer above an entry is read: `overlay` extracts each layer by itself and lays it
 * over the lower ones, so the link is hidden; `extract` extracts the layer into the lower ones, through the link.
 */
export type Reading = 'overlay' | 'extract';

export class LayerModel {
  /** The tree of the layers that have been applied. */
  readonly root = new ModelFile('directory', UNSTATED, 0);
  readonly #reading: Reading | 'alone';
  readonly #census: Census;
  #layer = 0;

  /** `alone` is for one layer, whose whiteouts stay as overlayfs has them. */
  constructor(reading: Reading | 'alone', limits: ModelLimits) {
    this.#reading = reading;
    this.#census = new Census(limits);
  }

  /** The next layer, lowest first; it is applied by its `finish`. */
  next(): LayerOfModel {
    const parts = { root: this.root, layer: ++this.#layer, census: this.#census };
    if (this.#reading === 'extract') return new ExtractedInto(parts);
    return new LaidOver(parts, this.#reading === 'alone');
  }
}

/** A layer while its entries come, in the order of its tar. */
export interface LayerOfModel {
  /** Throws `E_PATH`, `E_LINK` or `E_WHITEOUT` for what makes no tree, and `E_LIMIT`. */
  add(entry: ModelEntry): void;
  /** Applies the layer. */
  finish(): void;
}

interface Parts {
  readonly root: ModelFile;
  readonly layer: number;
  readonly census: Census;
}

/** The layer by itself, in an empty root; then its markers and its files onto the lower ones. */
class LaidOver implements LayerOfModel {
  readonly #parts: Parts;
  readonly #upper: ModelFile;
  readonly #extraction: Extraction;
  readonly #keepsWhiteouts: boolean;
  readonly #marks: Item[] = [];

  constructor(parts: Parts, keepsWhiteouts: boolean) {
    this.#parts = parts;
    this.#keepsWhiteouts = keepsWhiteouts;
    this.#upper = new ModelFile('directory', UNSTATED, parts.layer);
    this.#extraction = new Extraction(this.#upper, parts.layer, parts.census);
  }

  add(entry: ModelEntry): void {
    count(entry, this.#parts.census);
    const item = itemOf(entry);
    if (item?.kind === 'whiteout' || item?.kind === 'opaque') this.#marks.push(item);
    else if (item !== undefined) this.#extraction.add(item);
  }

  finish(): void {
    const { root, census } = this.#parts;
    const open = this.#extraction.finish();
    dropKept(this.#upper);
    const lower = new Walk(root, census);
    const found = open.map(({ target }) => lower.find(split(target)));
    const walk = new Walk(this.#upper, census);
    applyMarkers(root, this.#marks, walk);
    for (const [i, link] of open.entries()) bind(link, found[i]);
    if (this.#keepsWhiteouts) this.#keepWhiteouts(walk);
    mount(root, this.#upper);
  }

  #keepWhiteouts(walk: Walk): void {
    const whiteouts = [...placesOf('whiteout', this.#marks, walk)];
    const opaque = [...placesOf('opaque', this.#marks, walk)];
    keepWhiteouts(this.#upper, whiteouts, opaque);
  }
}

/** The layer into the lower ones: what its links mean there, its markers, its entries. */
class ExtractedInto implements LayerOfModel {
  readonly #parts: Parts;
  readonly #entries: ModelEntry[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(entry: ModelEntry): void {
    count(entry, this.#parts.census);
    if (itemOf(entry) !== undefined) this.#entries.push(entry);
  }

  finish(): void {
    const { root, layer, census } = this.#parts;
    const lower = this.#lowerTargets();
    applyMarkers(root, [...this.#items()].filter(isMarker), this.#asItWillBe());
    const extraction = new Extraction(root, layer, census);
    for (const item of this.#items()) extraction.add(item);
    const walk = new Walk(root, census);
    for (const link of extraction.finish()) {
      bind(link, lower.get(keyOf(link.target)) ?? walk.find(split(link.target)));
    }
    dropKept(root);
  }

  *#items(): Generator<Item> {
    for (const entry of this.#entries) yield itemOf(entry)!;
  }

  /** What the layer itself has at a name goes before what lower ones have there. */
  #asItWillBe(): Walk {
    const { root, layer, census } = this.#parts;
    const own = new OwnNames();
    for (const item of this.#items()) {
      if (item.kind !== 'entry') continue;
      const { type, id, target } = item.entry;
      own.set(item.path, new ModelFile(type, id, layer, target));
    }
    return new Walk(root, census, own);
  }

  /** What targets of hard links are before the layer comes. */
  #lowerTargets(): ReadonlyMap<string, ModelFile> {
    const { root, census } = this.#parts;
    const walk = new Walk(root, census);
    const targets = new Map<string, ModelFile>();
    for (const { type, target = '' } of this.#entries) {
      const file = type === 'hardlink' ? walk.find(split(target)) : undefined;
      if (file !== undefined) targets.set(keyOf(target), file);
    }
    return targets;
  }
}

function count(entry: ModelEntry, census: Census): void {
  const { path, type, target = '' } = entry;
  census.entry(path, type === 'symlink' || type === 'hardlink' ? target : '');
}

function keyOf(target: string): string {
  return split(target).join('/');
}

function isMarker({ kind }: Item): boolean {
  return kind === 'whiteout' || kind === 'opaque';
}

/** Where the markers of a kind lead; those that lead nowhere have nothing to hide. */
function* placesOf(
  kind: 'whiteout' | 'opaque',
  marks: readonly Item[],
  walk: Walk,
): Generator<Names> {
  for (const item of marks) {
    if (item.kind !== kind) continue;
    const names = kind === 'opaque' ? walk.follow(item.path) : walk.followParent(item.path);
    if (names !== undefined) yield names;
  }
}

/** Opaque directories first, then whiteouts: each is looked up when its turn comes. */
function applyMarkers(root: ModelFile, marks: readonly Item[], walk: Walk): void {
  for (const path of placesOf('opaque', marks, walk)) get(root, path)?.clear();
  for (const path of placesOf('whiteout', marks, walk)) {
    get(root, path.slice(0, -1))?.remove(path.at(-1)!);
  }
}

/** The file at a path, through no link. */
function get(root: ModelFile, path: Names): ModelFile | undefined {
  let file: ModelFile | undefined = root;
  for (const name of path) file = file?.child(name);
  return file;
}

/** Lays `upper` over `lower`. Depth is bounded by the limit on paths. */
function mount(lower: ModelFile, upper: ModelFile): void {
  if (upper.id !== UNSTATED) lower.id = upper.id;
  for (const name of upper.children.keys()) {
    const file = upper.child(name)!;
    const old = lower.child(name);
    if (file.isDirectory && old?.isDirectory) mount(old, file);
    else lower.put(name, file);
  }
}
