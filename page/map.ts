/** A directory as rectangles, and those in it as rectangles inside: the larger, the more it takes of the image. */

import { type HierarchyRectangularNode, hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import prettyBytes from 'pretty-bytes';
import type { PageNode } from '../src/inspect/page/page-data.ts';
import { element } from './element.ts';

/** What a rectangle stands for, and the names that lead there from the directory shown. */
export interface Tile {
  readonly node: PageNode;
  readonly way: readonly PageNode[];
}

export interface MapActions {
  readonly kinds: readonly string[];
  open(way: readonly PageNode[]): void;
  tell(tile: Tile): void;
}

type Rect = HierarchyRectangularNode<PageNode>;

/** Pixels: room for the name of a directory, and what is too small to be drawn or named. */
const HEAD = 18;
const MIN_SIDE = 3;
const MIN_NAME = { width: 38, height: 15 };
/** Directories in directories that are shown at once. */
const MAX_DEPTH = 8;

export function drawMap(place: HTMLElement, folder: PageNode, actions: MapActions): void {
  const tree = hierarchy(folder, ({ c }) => c)
    // What a directory takes itself is left free in it.
    .sum(({ c, s }) => (c === undefined || c.length === 0 ? s : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const layout = treemap<PageNode>()
    .tile(treemapSquarify)
    .size([place.clientWidth, place.clientHeight])
    .round(true)
    .paddingInner(1)
    .paddingOuter(2)
    .paddingTop((node) => (node.depth === 0 ? 2 : HEAD));
  const tiles = layout(tree).descendants().filter(isDrawn);
  place.replaceChildren(...tiles.map((rect) => drawTile(rect, actions)));
  place.querySelector('[tabindex]')?.setAttribute('tabindex', '0');
}

function isDrawn({ depth, x0, x1, y0, y1 }: Rect): boolean {
  return depth > 0 && depth <= MAX_DEPTH && x1 - x0 >= MIN_SIDE && y1 - y0 >= MIN_SIDE;
}

function drawTile(rect: Rect, actions: MapActions): HTMLElement {
  const { data: node, depth } = rect;
  const way = rect
    .ancestors()
    .reverse()
    .slice(1)
    .map(({ data }) => data);
  const canOpen = node.c !== undefined && node.c.length > 0;
  const name = node.m === undefined ? node.n : `${node.m} smaller`;
  const tile: HTMLElement = element(canOpen ? 'button' : 'div', {
    class: `tile depth-${depth} ${classOf(node, actions.kinds)}`,
    title: `${name}\n${bytes(node.s)} in the image, ${bytes(node.z)} of content`,
    ...(canOpen ? { type: 'button' } : {}),
    // One of the directory's own can be reached by the tabulator, and from it the others by arrows.
    ...(depth === 1 ? { 'aria-label': `${name}, ${bytes(node.s)}` } : { 'aria-hidden': 'true' }),
    tabindex: '-1',
  });
  place(tile, rect);
  if (hasRoom(rect)) tile.append(element('span', {}, name));
  if (canOpen) tile.addEventListener('click', () => actions.open(way));
  tile.addEventListener('pointerenter', () => actions.tell({ node, way }));
  if (depth === 1) {
    tile.addEventListener('focus', () => actions.tell({ node, way }));
    tile.addEventListener('keydown', moveFocus);
  }
  return tile;
}

function place({ style }: HTMLElement, { x0, x1, y0, y1 }: Rect): void {
  style.left = `${x0}px`;
  style.top = `${y0}px`;
  style.width = `${x1 - x0}px`;
  style.height = `${y1 - y0}px`;
}

function hasRoom({ x0, x1, y0, y1 }: Rect): boolean {
  return x1 - x0 >= MIN_NAME.width && y1 - y0 >= MIN_NAME.height;
}

function classOf({ c, k, m }: PageNode, kinds: readonly string[]): string {
  if (c !== undefined) return 'folder';
  if (m !== undefined) return 'rest';
  const index = k === undefined ? -1 : kinds.indexOf(k);
  return index < 0 ? 'file' : `file kind-${index}`;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};

/** From one to the next in order of size, which is the order in which they are laid out. */
function moveFocus(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const { currentTarget } = event;
  if (step === undefined || !(currentTarget instanceof HTMLElement)) return;
  event.preventDefault();
  const all = [...(currentTarget.parentElement?.querySelectorAll<HTMLElement>('.depth-1') ?? [])];
  const next = all[(all.indexOf(currentTarget) + step + all.length) % all.length];
  currentTarget.tabIndex = -1;
  if (next === undefined) return;
  next.tabIndex = 0;
  next.focus();
}

function bytes(count: number): string {
  return prettyBytes(count, { binary: true });
}
