/** The inodes that names have led to, as columns: each is looked at once, however many names it has. */

import { grown } from './columns.ts';
import { secretHash } from './secret-hash.ts';

/** Arrays of up to 64 bytes are made on the heap, which is fast. */
const FEW = 8;
/** At most half of the hash table is in use. */
const LOAD = 2;

/** `kind` of an inode that cannot be read; others have their `EROFS_FT_*`. */
export const UNREADABLE = 0;
/** `parent` of an inode that no name has led to: the root, and those that the superblock names. */
export const NO_PARENT = -1;

export class InodeTable {
  count = 0;
  readonly #hash = secretHash();
  #slots: Int32Array = new Int32Array(FEW * LOAD);
  #nids: Float64Array = new Float64Array(FEW);
  #parents: Int32Array = new Int32Array(FEW);
  #positions: Float64Array = new Float64Array(FEW);
  #kinds: Uint8Array = new Uint8Array(FEW);
  #claims: Float64Array = new Float64Array(FEW);
  #names: Uint32Array = new Uint32Array(FEW);
  #subdirectories: Uint32Array = new Uint32Array(FEW);

  /** The index of an inode, or -1. */
  find(nid: number): number {
    const mask = this.#slots.length - 1;
    for (let at = this.#hash(nid) & mask; ; at = (at + 1) & mask) {
      const index = this.#slots[at]! - 1;
      if (index < 0 || this.#nids[index] === nid) return index;
    }
  }

  /** Adds an inode that is not there: `position` is that of its first name in the content of directory `parent`. */
  add(nid: number, kind: number, parent: number, position: number): number {
    const index = this.count++;
    if (this.count > this.#nids.length) this.#grow();
    this.#nids[index] = nid;
    this.#kinds[index] = kind;
    this.#parents[index] = parent;
    this.#positions[index] = position;
    this.#place(index);
    return index;
  }

  nid(index: number): number {
    return this.#nids[index]!;
  }

  kind(index: number): number {
    return this.#kinds[index]!;
  }

  parent(index: number): number {
    return this.#parents[index]!;
  }

  position(index: number): number {
    return this.#positions[index]!;
  }

  /** The count of links that the inode claims. */
  claim(index: number): number {
    return this.#claims[index]!;
  }

  setClaim(index: number, links: number): void {
    this.#claims[index] = links;
  }

  /** Names that lead to it, without `.` and `..`. */
  names(index: number): number {
    return this.#names[index]!;
  }

  countName(index: number): void {
    this.#names[index]!++;
  }

  subdirectories(index: number): number {
    return this.#subdirectories[index]!;
  }

  countSubdirectory(index: number): void {
    this.#subdirectories[index]!++;
  }

  #place(index: number): void {
    const mask = this.#slots.length - 1;
    let at = this.#hash(this.#nids[index]!) & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = index + 1;
  }

  #grow(): void {
    const rows = this.count;
    this.#nids = grown(this.#nids, rows);
    this.#parents = grown(this.#parents, rows);
    this.#positions = grown(this.#positions, rows);
    this.#kinds = grown(this.#kinds, rows);
    this.#claims = grown(this.#claims, rows);
    this.#names = grown(this.#names, rows);
    this.#subdirectories = grown(this.#subdirectories, rows);
    this.#slots = new Int32Array(this.#nids.length * LOAD);
    for (let index = 0; index < rows - 1; index++) this.#place(index);
  }
}
