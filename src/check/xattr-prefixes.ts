/** Long prefixes of attribute names, by number. Source: Linux fs/erofs/xattr.c (`erofs_xattr_prefixes_init`). */

/** A prefix: the short one it begins with, and what follows. */
export interface XattrPrefix {
  readonly base: number;
  readonly infix: Uint8Array;
}
