/** All attributes of an image: each distinct set once, and each pair that several inodes have stored once. */

import { latin1, roundUp } from '../bytes.ts';
import { XATTR_FILTER_EMPTY } from '../erofs/constants.ts';
import {
  encodeXattrBody,
  joinXattrName,
  MAX_SHARED_PER_INODE,
  type StoredXattr,
  writeXattrEntry,
  XATTR_ALIGN,
  xattrBodySize,
  xattrEntrySize,
  xattrNameFilter,
} from '../erofs/xattrs.ts';
import { DEFAULT_LIMITS, type Limits, limitError } from '../limits.ts';

/** Id of the empty set. */
export const NO_XATTRS = 0;
/** A pair on more inodes than this is stored once for all of them, as mkfs.erofs does by default (`-x 2`). */
const SHARE_ABOVE = 2;

/** What a pair or a set takes in memory besides its bytes, and what each pair of a set takes; measured. */
const OBJECT_OVERHEAD = 512;
const REFERENCE_OVERHEAD = 16;
/** How often attributes may come again, on the whole: each inode that has them is longer for it. */
const MOST_REPEATS = 64;

interface Pair extends StoredXattr {
  readonly id: number;
  uses: number;
  /** Offset in the shared area, -1 while it is stored inline. */
  sharedOffset: number;
}

export class XattrTable {
  readonly #pairs = new Map<string, Pair>();
  readonly #sets: Pair[][] = [[]];
  readonly #setIds = new Map<string, number>([['', NO_XATTRS]]);
  readonly #limits: Pick<Limits, 'xattrTotal'>;
  #memory = 0;
  /** Bytes of the attributes of all entries, equal ones counted again. */
  #bytes = 0;

  constructor(limits: Pick<Limits, 'xattrTotal'> = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** The id of the set with these attributes, in any order; names must differ from each other. Throws `E_LIMIT`. */
  intern(xattrs: readonly StoredXattr[]): number {
    if (xattrs.length === 0) return NO_XATTRS;
    this.#countBytes(xattrBodySize(0, xattrs));
    const keyed = xattrs.map((xattr) => [sortKey(xattr), xattr] as const);
    keyed.sort(([a], [b]) => (a < b ? -1 : 1));
    const pairs = keyed.map(([key, xattr]) => this.#pair(key, xattr));
    const setKey = pairs.map(({ id }) => id).join(',');
    const known = this.#setIds.get(setKey);
    if (known !== undefined) return known;
    this.#countMemory(setMemory(pairs, setKey));
    this.#sets.push(pairs);
    this.#setIds.set(setKey, this.#sets.length - 1);
    return this.#sets.length - 1;
  }

  /** The id of that set with one more attribute. */
  extend(set: number, xattr: StoredXattr): number {
    return this.intern([...this.#sets[set]!, xattr]);
  }

  /** Bytes of the set's body if nothing of it were shared: never less than what it takes in the end. */
  inlineSize(set: number): number {
    return xattrBodySize(0, this.#sets[set]!);
  }

  /** Counts the sets of all inodes of the image and decides what is shared. `sets` has one id an inode. */
  plan(sets: Iterable<number>): XattrPlan {
    for (const set of sets) for (const pair of this.#sets[set]!) pair.uses++;
    let length = 0;
    for (const pair of this.#sharedPairs()) {
      pair.sharedOffset = length;
      length += xattrEntrySize(pair);
    }
    return new XattrPlan(this.#sets, length);
  }

  #sharedPairs(): Pair[] {
    const shared = [...this.#pairs].filter(([, pair]) => pair.uses > SHARE_ABOVE);
    return shared.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
  }

  #pair(key: string, xattr: StoredXattr): Pair {
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      this.#countMemory(key.length + xattr.value.length + OBJECT_OVERHEAD);
      const value = xattr.value.slice();
      pair = { ...xattr, value, id: this.#pairs.size, uses: 0, sharedOffset: -1 };
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  #countMemory(bytes: number): void {
    this.#memory += bytes;
    if (this.#memory <= this.#limits.xattrTotal) return;
    throw this.#error('different extended attributes');
  }

  #countBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= MOST_REPEATS * this.#limits.xattrTotal) return;
    throw this.#error(`extended attributes, equal ones counted at a ${MOST_REPEATS}th,`);
  }

  #error(what: string): Error {
    const place = `${this.#pairs.size} attributes, ${this.#sets.length} sets`;
    return limitError('xattrTotal', this.#limits, `the memory for ${what}`, place);
  }
}

/** A set is kept as a list, under a key, and in the end as the body that its inodes have. */
function setMemory(pairs: readonly Pair[], key: string): number {
  const references = pairs.length * REFERENCE_OVERHEAD + key.length + OBJECT_OVERHEAD;
  return references + xattrBodySize(0, pairs);
}

/** What {@link XattrTable.plan} decided: a body for each set, and the shared area. */
export class XattrPlan {
  /** Bytes of the shared area. */
  readonly sharedLength: number;
  readonly #sets: readonly (readonly Pair[])[];

  constructor(sets: readonly (readonly Pair[])[], sharedLength: number) {
    this.#sets = sets;
    this.sharedLength = sharedLength;
  }

  /** Whether any inode has a name filter that means something. */
  get hasFilters(): boolean {
    return this.#sets.some((set) => xattrNameFilter(set) !== XATTR_FILTER_EMPTY);
  }

  /** The bodies of all sets, one after another; body `i` is between `offsets[i]` and `offsets[i + 1]`. */
  encodeBodies(): { bytes: Uint8Array; offsets: Uint32Array } {
    const bodies = this.#sets.map((set) => encodeSet(set));
    const offsets = new Uint32Array(bodies.length + 1);
    bodies.forEach((body, i) => {
      offsets[i + 1] = offsets[i]! + body.length;
    });
    const bytes = new Uint8Array(new SharedArrayBuffer(offsets[bodies.length]!));
    bodies.forEach((body, i) => {
      bytes.set(body, offsets[i]!);
    });
    return { bytes, offsets };
  }

  encodeSharedArea(blockSize: number): Uint8Array {
    const area = new Uint8Array(roundUp(this.sharedLength, blockSize));
    for (const pair of new Set(this.#sets.flat())) {
      if (pair.sharedOffset >= 0) writeXattrEntry(area, pair.sharedOffset, pair);
    }
    return area;
  }
}

function encodeSet(set: readonly Pair[]): Uint8Array {
  const shared = set.filter((pair) => pair.sharedOffset >= 0).slice(0, MAX_SHARED_PER_INODE);
  const inline = set.filter((pair) => !shared.includes(pair));
  const ids = shared.map((pair) => pair.sharedOffset / XATTR_ALIGN);
  return encodeXattrBody(ids, inline, xattrNameFilter(set));
}

/** Order of attributes in an inode: by full name, then value, as mkfs.erofs 1.9.3 writes them. */
function sortKey(xattr: StoredXattr): string {
  return `${joinXattrName(xattr.index, xattr.suffix)}\0${latin1(xattr.value)}`;
}
