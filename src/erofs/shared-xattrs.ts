/** Entries of attributes that several inodes refer to. Source: Linux fs/erofs/xattr.c (`erofs_iter_shared`). */

import type { StoredXattr } from './xattrs.ts';

/**
 * The entries that were read last, by number. An inode may name 255 of them of 64 KiB each, and so may every other
 * inode, so that reading each anew would cost thousands of times the image.
 */
export class SharedXattrs {
  readonly #limit: number;
  readonly #known = new Map<number, StoredXattr>();
  #bytes = 0;

  /** Keeps at most `limit` bytes of names and values, or one entry. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The entry with this number, by `read` where it is not known. */
  get(id: number, read: () => StoredXattr): StoredXattr {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const entry = read();
    this.#bytes += costOf(entry);
    if (this.#bytes > this.#limit) {
      this.#known.clear();
      this.#bytes = costOf(entry);
    }
    this.#known.set(id, entry);
    return entry;
  }
}

/** What an entry takes besides its bytes is some ten words. */
function costOf({ suffix, value }: StoredXattr): number {
  return 100 + suffix.length + value.length;
}
