/** Unpacked clusters of one content, the newest of them, by where they are in it. */

interface Kept {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** When it was last asked for. */
  used: number;
}

/** Of what may be kept, as much stays where there is no more room: to make some takes sorting. */
const STAYS = 3 / 4;
/** What keeping a cluster takes besides its bytes: very many may be very short. */
const COST = 256;

export class ClusterCache {
  readonly #limit: number;
  /** In the order of their positions; they do not overlap. */
  #kept: Kept[] = [];
  #total = 0;
  #clock = 0;

  /** Keeps at most `limit` bytes, what it takes to know of them included. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The cluster with the byte at `position`. */
  find(position: number): { readonly position: number; readonly bytes: Uint8Array } | undefined {
    const found = this.#kept[this.#countUpTo(position) - 1];
    if (found === undefined || position >= found.position + found.bytes.length) return undefined;
    found.used = ++this.#clock;
    return found;
  }

  /** Keeps a cluster that was not found. */
  add(position: number, bytes: Uint8Array): void {
    const cost = bytes.length + COST;
    if (cost > this.#limit) return;
    this.#total += cost;
    if (this.#total > this.#limit) this.#forget(cost);
    const index = this.#countUpTo(position);
    this.#kept.splice(index, 0, { position, bytes, used: ++this.#clock });
  }

  #forget(added: number): void {
    const newest = this.#kept.toSorted((a, b) => b.used - a.used);
    let total = added;
    const stay = newest.filter(({ bytes }) => {
      total += bytes.length + COST;
      return total <= this.#limit * STAYS;
    });
    this.#kept = stay.toSorted((a, b) => a.position - b.position);
    this.#total = this.#kept.reduce((sum, { bytes }) => sum + bytes.length + COST, added);
  }

  /** Clusters that begin at `position` or before it. */
  #countUpTo(position: number): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#kept[middle]!.position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
