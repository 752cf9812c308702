/** The largest of very many things, in memory for few. */

export class Largest<T> {
  readonly #count: number;
  readonly #sizeOf: (item: T) => number;
  /** The largest first. */
  readonly #items: T[] = [];

  constructor(count: number, sizeOf: (item: T) => number) {
    this.#count = count;
    this.#sizeOf = sizeOf;
  }

  /** Of equal ones, those that came first stay. Returns the one that had to go, which may be the new one. */
  add(item: T): T | undefined {
    const size = this.#sizeOf(item);
    const last = this.#items.at(-1);
    const isFull = this.#items.length === this.#count;
    if (isFull && (last === undefined || this.#sizeOf(last) >= size)) return item;
    let at = this.#items.length;
    while (at > 0 && this.#sizeOf(this.#items[at - 1]!) < size) at--;
    this.#items.splice(at, 0, item);
    return isFull ? this.#items.pop() : undefined;
  }

  list(): readonly T[] {
    return this.#items;
  }
}
