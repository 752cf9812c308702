/** How much of what is kept in memory the layers of an image bring, and where that is too much. */

import { type Limits, limitError, NAME_OVERHEAD } from '../limits.ts';
import type { NameTree } from '../tree/name-tree.ts';

export class Census {
  readonly #limits: Limits;
  #entries = 0;
  #texts = 0;
  /** Of the layers that are finished. */
  #names = 0;
  #nameBytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Counts an entry whose layer now has the names `names`; `place` says where it is. Throws `E_LIMIT`. */
  entry(names: NameTree, place: () => string): void {
    const { entries, pathTotal } = this.#limits;
    if (++this.#entries > entries || this.#names + names.count > entries) {
      throw limitError('entries', this.#limits, 'the number of entries and names', place());
    }
    if (this.#texts + this.#nameBytes + names.bytes > pathTotal) {
      throw limitError('pathTotal', this.#limits, 'the length of all names and links', place());
    }
  }

  /** Counts the text of a link or marker, which is kept until all layers are there. */
  text(length: number): void {
    this.#texts += length + NAME_OVERHEAD;
  }

  /** To be called with the names of a layer that has been read. */
  layer(names: NameTree): void {
    this.#names += names.count;
    this.#nameBytes += names.bytes;
  }
}
