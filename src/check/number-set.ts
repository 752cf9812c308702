/** A set of whole numbers from 0 to 2^32 - 1 in 32 bytes for each at most; a `Set` takes several times that. */

import { secretHash } from './secret-hash.ts';

const FEW = 16;

export class NumberSet {
  readonly #hash = secretHash();
  /** Numbers plus one; 0 is free. At most half are in use. */
  #slots: Float64Array = new Float64Array(FEW);
  #count = 0;

  /** Whether the number was not there before. */
  add(value: number): boolean {
    const at = this.#slotOf(value);
    if (this.#slots[at] !== 0) return false;
    this.#slots[at] = value + 1;
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** Where a number is, or the free slot for it. */
  #slotOf(value: number): number {
    const mask = this.#slots.length - 1;
    let at = this.#hash(value) & mask;
    while (this.#slots[at] !== 0 && this.#slots[at] !== value + 1) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const slot of old) if (slot !== 0) this.#slots[this.#slotOf(slot - 1)] = slot;
  }
}
