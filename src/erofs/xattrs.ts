/**
 * Extended attributes as an inode stores them: names cut to a prefix number and a suffix, and the body they form.
 * Source: Linux fs/erofs/erofs_fs.h (`erofs_xattr_*`) and fs/erofs/xattr.c.
 */

import { fromLatin1, latin1, roundUp } from '../bytes.ts';
import { XATTR_FILTER_EMPTY, XATTR_FILTER_SEED } from './constants.ts';
import { XATTR_ENTRY, XATTR_HEADER } from './records.ts';
import { xxh32 } from './xxh32.ts';

/** `EROFS_XATTR_INDEX_*`; the two ACL names are whole names, so their suffix is empty. */
const PREFIXES: readonly (readonly [prefix: string, index: number])[] = [
  ['user.', 1],
  ['system.posix_acl_access', 2],
  ['system.posix_acl_default', 3],
  ['trusted.', 4],
  ['security.', 6],
];

/** Most shared attributes one inode can name (`h_shared_count` is a byte). */
export const MAX_SHARED_PER_INODE = 255;
/** Alignment of entries and unit of shared ids. */
export const XATTR_ALIGN = 4;
/** Longest body: `i_xattr_icount` is 16 bits wide and counts 4-byte units after a header of 12 bytes. */
export const MAX_XATTR_BODY = XATTR_HEADER.size + (0xffff - 1) * XATTR_ALIGN;

/** An attribute with its name in stored form. */
export interface StoredXattr {
  readonly index: number;
  readonly suffix: Uint8Array;
  readonly value: Uint8Array;
}

/** The stored form of a name, or undefined where no prefix known to the kernel fits. */
export function splitXattrName(
  name: Uint8Array,
): { index: number; suffix: Uint8Array } | undefined {
  const text = latin1(name);
  for (const [prefix, index] of PREFIXES) {
    const whole = !prefix.endsWith('.');
    if (whole ? text === prefix : text.startsWith(prefix) && text.length > prefix.length) {
      return { index, suffix: fromLatin1(text.slice(prefix.length)) };
    }
  }
  return undefined;
}

/** The full name of a stored attribute, or undefined for an unknown prefix number. */
export function joinXattrName(index: number, suffix: Uint8Array): string | undefined {
  const entry = PREFIXES.find(([, number]) => number === index);
  return entry === undefined ? undefined : entry[0] + latin1(suffix);
}

/** Whether Linux has a handler for names with this prefix number; it shows no others, and looks for none of them. */
export function hasXattrHandler(index: number): boolean {
  return PREFIXES.some(([, number]) => number === index);
}

/** Bytes one entry takes, inline or shared. */
export function xattrEntrySize(xattr: StoredXattr): number {
  return roundUp(XATTR_ENTRY.size + xattr.suffix.length + xattr.value.length, XATTR_ALIGN);
}

/** Writes one entry at `offset`, in the form it has inline and in the shared area. */
export function writeXattrEntry(target: Uint8Array, offset: number, xattr: StoredXattr): void {
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  XATTR_ENTRY.write(view, offset, {
    nameLength: xattr.suffix.length,
    nameIndex: xattr.index,
    valueSize: xattr.value.length,
  });
  target.set(xattr.suffix, offset + XATTR_ENTRY.size);
  target.set(xattr.value, offset + XATTR_ENTRY.size + xattr.suffix.length);
}

/** Bytes of an inode's body with that many shared ids and these inline entries; 0 for none at all. */
export function xattrBodySize(sharedCount: number, inline: readonly StoredXattr[]): number {
  if (sharedCount === 0 && inline.length === 0) return 0;
  const entries = inline.reduce((sum, xattr) => sum + xattrEntrySize(xattr), 0);
  return XATTR_HEADER.size + sharedCount * XATTR_ALIGN + entries;
}

/** `i_xattr_icount` for a body of that many bytes. */
export function xattrCountOf(bodySize: number): number {
  return bodySize === 0 ? 0 : (bodySize - XATTR_HEADER.size) / XATTR_ALIGN + 1;
}

/** Inverse of {@link xattrCountOf}: `i_xattr_icount` counts units of 4 bytes after the header, plus one. */
export function xattrBodyBytes(count: number): number {
  return count === 0 ? 0 : XATTR_HEADER.size + (count - 1) * XATTR_ALIGN;
}

/** The body: header with the name filter, ids of shared entries, then inline entries. Empty without any. */
export function encodeXattrBody(
  sharedIds: readonly number[],
  inline: readonly StoredXattr[],
  nameFilter: number,
): Uint8Array {
  const body = new Uint8Array(xattrBodySize(sharedIds.length, inline));
  if (body.length === 0) return body;
  const view = new DataView(body.buffer);
  XATTR_HEADER.write(view, 0, { nameFilter, sharedCount: sharedIds.length });
  let at = XATTR_HEADER.size;
  for (const id of sharedIds) {
    view.setUint32(at, id, true);
    at += XATTR_ALIGN;
  }
  for (const xattr of inline) {
    writeXattrEntry(body, at, xattr);
    at += xattrEntrySize(xattr);
  }
  return body;
}

/** The bloom filter over all names of an inode: a set bit says that no name with that hash is here. */
export function xattrNameFilter(xattrs: readonly StoredXattr[]): number {
  let filter = XATTR_FILTER_EMPTY;
  for (const { index, suffix } of xattrs) {
    filter &= ~(1 << (xxh32(suffix, XATTR_FILTER_SEED + index) & 31));
  }
  return filter >>> 0;
}
