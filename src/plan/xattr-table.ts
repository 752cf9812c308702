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
import { ErofsWasmError } from '../errors.ts';

/** Id of the empty set. */
export const NO_XATTRS = 0;
/** A pair on more inodes than this is stored once for all of them, as mkfs.erofs does by default (`-x 2`). */
const SHARE_ABOVE = 2;

/** Bytes of different attributes that one image may have: they are all in memory until they are written. */
const MAX_DISTINCT_BYTES = 256 * 1024 * 1024;

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
  #distinctBytes = 0;

  /** The id of the set with these attributes, in any order; names must differ from each other. */
  intern(xattrs: readonly StoredXattr[]): number {
    const keyed = xattrs.map((xattr) => [sortKey(xattr), xattr] as const);
    keyed.sort(([a], [b]) => (a < b ? -1 : 1));
    const pairs = keyed.map(([key, xattr]) => this.#pair(key, xattr));
    const setKey = pairs.map(({ id }) => id).join(',');
    const known = this.#setIds.get(setKey);
    if (known !== undefined) return known;
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
      this.#distinctBytes += key.length;
      if (this.#distinctBytes > MAX_DISTINCT_BYTES) throw tooManyBytes();
      const value = xattr.value.slice();
      pair = { ...xattr, value, id: this.#pairs.size, uses: 0, sharedOffset: -1 };
      this.#pairs.set(key, pair);
    }
    return pair;
  }
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

function tooManyBytes(): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', 'the image has too many different extended attributes', {
    place: `more than ${MAX_DISTINCT_BYTES} bytes`,
    hint: 'the layers are broken or hostile',
  });
}

/** Order of attributes in an inode: by full name, then value, as mkfs.erofs 1.9.3 writes them. */
function sortKey(xattr: StoredXattr): string {
  return `${joinXattrName(xattr.index, xattr.suffix)}\0${latin1(xattr.value)}`;
}
