/** A directory at a time: the path to it, a map of what takes how much in it, and the same as a table. */

import prettyBytes from 'pretty-bytes';
import type { PageData, PageNode } from '../src/inspect/page/page-data.ts';
import { element } from './element.ts';
import { drawMap, type Tile } from './map.ts';

/** Rows of the table; what is smaller is in the map. */
const MAX_ROWS = 24;

export class Explorer {
  readonly #data: PageData;
  readonly #path = element('nav', { 'aria-label': 'path' });
  readonly #map = element('div', {
    class: 'map',
    role: 'group',
    'aria-label': 'map of the directory',
  });
  readonly #told = element('p', { 'aria-live': 'polite', class: 'told' });
  readonly #table = element('table', { class: 'sizes' });
  /** Directories from below the topmost to the one that is shown. */
  #trail: readonly PageNode[] = [];
  #width = 0;

  constructor(place: HTMLElement, data: PageData) {
    this.#data = data;
    place.replaceChildren(this.#path, this.#map, this.#told, this.#legend(), this.#table);
    this.#map.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => {
      if (this.#map.clientWidth !== this.#width) this.#redraw();
    }).observe(this.#map);
  }

  /** Shows the directory at the end of `trail`. */
  show(trail: readonly PageNode[], focus = false): void {
    this.#trail = trail;
    this.#drawPath();
    this.#drawTable();
    this.#draw();
    if (focus) this.#map.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  get #folder(): PageNode {
    return this.#trail.at(-1) ?? this.#data.tree;
  }

  #drawPath(): void {
    const steps = ['/', ...this.#trail.map(({ n }) => n)].map((name, depth, all) => {
      const isLast = depth === all.length - 1;
      const button = element(
        'button',
        { type: 'button', ...(isLast ? { 'aria-current': 'page' } : {}) },
        name,
      );
      button.addEventListener('click', () => this.show(this.#trail.slice(0, depth)));
      return button;
    });
    this.#path.replaceChildren(...steps);
  }

  #draw(): void {
    this.#width = this.#map.clientWidth;
    drawMap(this.#map, this.#folder, {
      kinds: this.#data.kinds,
      open: (way) => this.show([...this.#trail, ...way], true),
      tell: (tile) => this.#tell(tile),
    });
  }

  /** What had the focus has it again. */
  #redraw(): void {
    const focused = this.#map.querySelector<HTMLElement>(':focus')?.title;
    this.#draw();
    if (focused === undefined) return;
    const tiles = [...this.#map.querySelectorAll<HTMLElement>('.depth-1')];
    tiles.find(({ title }) => title === focused)?.focus();
  }

  #tell({ node, way }: Tile): void {
    const names = [...this.#trail, ...way].map(({ n }) => n);
    const name = node.m === undefined ? `/${names.join('/')}` : `${node.m} smaller`;
    this.#told.textContent = `${name}: ${bytes(node.s)} in the image, ${bytes(node.z)} of content`;
  }

  #drawTable(): void {
    const children = this.#folder.c ?? [];
    const shown = children.slice(0, MAX_ROWS);
    const left = children.slice(MAX_ROWS);
    const rows = shown.map((node) => this.#row(node));
    if (left.length > 0) rows.push(row(`${left.length} smaller`, sum(left, 's'), sum(left, 'z')));
    const head = element('tr', {});
    for (const name of ['name', 'content', 'in the image']) {
      head.append(element('th', { scope: 'col' }, name));
    }
    this.#table.replaceChildren(element('caption', {}, 'in this directory'), head, ...rows);
  }

  #row(node: PageNode): HTMLElement {
    if (node.m !== undefined) return row(`${node.m} smaller`, node.s, node.z);
    if (node.c === undefined || node.c.length === 0) return row(node.n, node.s, node.z);
    const button = element('button', { type: 'button' }, `${node.n}/`);
    button.addEventListener('click', () => this.show([...this.#trail, node], true));
    return row(button, node.s, node.z);
  }

  #legend(): HTMLElement {
    const list = element('ul', { class: 'legend' });
    for (const [index, kind] of this.#data.kinds.entries()) {
      list.append(element('li', {}, element('span', { class: `key kind-${index}` }), kind));
    }
    list.append(element('li', {}, element('span', { class: 'key' }), 'other'));
    return list;
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Escape' && event.key !== 'Backspace') return;
    if (this.#trail.length === 0) return;
    event.preventDefault();
    this.show(this.#trail.slice(0, -1), true);
  }
}

function row(name: string | HTMLElement, stored: number, size: number): HTMLElement {
  const cells = [size, stored].map((count) =>
    element('td', {}, element('data', { value: `${count}` }, bytes(count))),
  );
  return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
}

function sum(nodes: readonly PageNode[], key: 's' | 'z'): number {
  return nodes.reduce((total, node) => total + node[key], 0);
}

function bytes(count: number): string {
  return prettyBytes(count, { binary: true });
}
