/** All directories of an image as flat columns: an object each would fill the heap before anything else does. */

/** A directory of the image. */
export interface Directory {
  readonly inode: number;
  readonly parentInode: number;
  /** Nodes in byte order of their names, with `SELF` and `PARENT` among them. */
  readonly entries: Uint32Array;
  /** Entries in each block. */
  readonly counts: Uint16Array;
}

type Column = Uint16Array | Uint32Array;

const INITIAL_LENGTH = 1024;

/** Directories in the order in which they were added; iterating makes a new object of each. */
export class Directories implements Iterable<Directory> {
  #length = 0;
  #inodes = new Uint32Array(INITIAL_LENGTH);
  #parents = new Uint32Array(INITIAL_LENGTH);
  /** Where the entries and counts of each directory end. */
  #entryEnds = new Uint32Array(INITIAL_LENGTH);
  #countEnds = new Uint32Array(INITIAL_LENGTH);
  #entries = new Uint32Array(INITIAL_LENGTH);
  #counts = new Uint16Array(INITIAL_LENGTH);

  /** The inode of each; a view that is valid until the next one is added. */
  get inodes(): Uint32Array {
    return this.#inodes.subarray(0, this.#length);
  }

  /** Takes a copy. */
  add({ inode, parentInode, entries, counts }: Directory): void {
    const index = this.#length++;
    const entryStart = startOf(this.#entryEnds, index);
    const countStart = startOf(this.#countEnds, index);
    this.#inodes = room(this.#inodes, index + 1);
    this.#parents = room(this.#parents, index + 1);
    this.#entryEnds = room(this.#entryEnds, index + 1);
    this.#countEnds = room(this.#countEnds, index + 1);
    this.#entries = room(this.#entries, entryStart + entries.length);
    this.#counts = room(this.#counts, countStart + counts.length);
    this.#inodes[index] = inode;
    this.#parents[index] = parentInode;
    this.#entryEnds[index] = entryStart + entries.length;
    this.#countEnds[index] = countStart + counts.length;
    this.#entries.set(entries, entryStart);
    this.#counts.set(counts, countStart);
  }

  *[Symbol.iterator](): Generator<Directory> {
    for (let index = 0; index < this.#length; index++) {
      yield {
        inode: this.#inodes[index]!,
        parentInode: this.#parents[index]!,
        entries: this.#entries.subarray(startOf(this.#entryEnds, index), this.#entryEnds[index]),
        counts: this.#counts.subarray(startOf(this.#countEnds, index), this.#countEnds[index]),
      };
    }
  }
}

function startOf(ends: Uint32Array, index: number): number {
  return index === 0 ? 0 : ends[index - 1]!;
}

function room<A extends Column>(column: A, length: number): A {
  if (length <= column.length) return column;
  const make = column.constructor as new (length: number) => A;
  const larger = new make(Math.max(length, 2 * column.length));
  larger.set(column);
  return larger;
}
