/** Extended attributes of an inode, inline and shared. Source: Linux fs/erofs/xattr.c. */

import { FEATURE_COMPAT_XATTR_FILTER, XATTR_LONG_PREFIX } from './constants.ts';
import { inodeName } from './inode-name.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { hasSharedInMetabox, type Superblock } from './read-superblock.ts';
import type { XattrPrefix } from './read-xattr-prefixes.ts';
import { XATTR_ENTRY, XATTR_HEADER } from './records.ts';
import type { SharedXattrs } from './shared-xattrs.ts';
import type { Volume } from './volume.ts';
import {
  hasXattrHandler,
  joinXattrName,
  type StoredXattr,
  XATTR_ALIGN,
  xattrEntrySize,
  xattrNameFilter,
} from './xattrs.ts';

/** An attribute with its full name as latin1 text. */
export interface ImageXattr {
  readonly name: string;
  readonly value: Uint8Array;
  /** Whether other inodes may refer to the same entry. */
  readonly shared: boolean;
}

/** What all inodes of an image have in common. */
export interface CommonXattrs {
  readonly prefixes: () => readonly XattrPrefix[];
  readonly shared: SharedXattrs;
}

/**
 * All attributes that a mount shows, shared ones first, as stored. Names with a prefix that the kernel has no handler
 * for, or with none, as the digests of `mkfs.erofs --xattr-inode-digest` have, are not shown. Values of shared ones are
 * not to be changed: others may get the same. Throws `E_IMAGE`.
 */
export function readXattrs(
  volume: Volume,
  inode: Inode,
  { prefixes, shared: entries }: CommonXattrs,
): ImageXattr[] {
  const length = inode.xattrEnd - inode.xattrStart;
  if (length === 0) return [];
  const { bytes } = volume.area(inode.inMetabox);
  const body = readExactly(bytes, inode.xattrStart, length, 'attributes').slice();
  const { sharedCount, nameFilter } = XATTR_HEADER.read(viewOf(body), 0);
  const inlineAt = XATTR_HEADER.size + sharedCount * XATTR_ALIGN;
  if (inlineAt > length) throw xattrError(inode, 'more shared attributes than fit');
  const shared: StoredXattr[] = [];
  for (let at = XATTR_HEADER.size; at < inlineAt; at += XATTR_ALIGN) {
    const id = viewOf(body).getUint32(at, true);
    shared.push(entries.get(id, () => readShared(volume, inode, id)));
  }
  const resolve = (xattr: StoredXattr) => withShortPrefix(xattr, prefixes, inode);
  const whole = shared.map(resolve).filter(isShown);
  const inline = readInline(body, inlineAt, inode).map(resolve).filter(isShown);
  checkFilter(volume.superblock, inode, nameFilter, [...whole, ...inline]);
  return [
    ...whole.map((xattr) => named(xattr, true)),
    ...inline.map((xattr) => named(xattr, false)),
  ];
}

function readShared(volume: Volume, inode: Inode, id: number): StoredXattr {
  const { xattrOffset } = volume.superblock;
  const { bytes, size } = volume.area(hasSharedInMetabox(volume.superblock));
  const offset = xattrOffset + id * XATTR_ALIGN;
  const limit = size - offset;
  if (limit < XATTR_ENTRY.size) throw xattrError(inode, 'a shared one outside the image');
  const head = readExactly(bytes, offset, XATTR_ENTRY.size, 'a shared attribute');
  const { nameLength, valueSize } = XATTR_ENTRY.read(viewOf(head), 0);
  const length = XATTR_ENTRY.size + nameLength + valueSize;
  if (length > limit) throw xattrError(inode, 'a shared one outside the image');
  return parseEntry(readExactly(bytes, offset, length, 'a shared attribute').slice(), 0)!;
}

/** A long prefix is a short one and the start of what follows it: the name filter sees it so, too. */
function withShortPrefix(
  xattr: StoredXattr,
  prefixes: CommonXattrs['prefixes'],
  inode: Inode,
): StoredXattr {
  if (xattr.index < XATTR_LONG_PREFIX) return xattr;
  const number = xattr.index - XATTR_LONG_PREFIX;
  const prefix = prefixes()[number];
  if (prefix === undefined) throw xattrError(inode, `an unknown long prefix ${number}`);
  const suffix = new Uint8Array(prefix.infix.length + xattr.suffix.length);
  suffix.set(prefix.infix);
  suffix.set(xattr.suffix, prefix.infix.length);
  return { index: prefix.index, suffix, value: xattr.value };
}

function readInline(body: Uint8Array, start: number, inode: Inode): StoredXattr[] {
  const entries: StoredXattr[] = [];
  for (let at = start; at < body.length; ) {
    // Room for an entry is always a multiple of 4 bytes, so a header fits where anything is left.
    const entry = parseEntry(body, at);
    if (entry === undefined) throw xattrError(inode, 'an inline one longer than the room for it');
    entries.push(entry);
    at += xattrEntrySize(entry);
  }
  return entries;
}

/** The entry at `at`, or undefined where it does not end inside `bytes`. */
function parseEntry(bytes: Uint8Array, at: number): StoredXattr | undefined {
  const { nameLength, nameIndex, valueSize } = XATTR_ENTRY.read(viewOf(bytes), at);
  const suffixAt = at + XATTR_ENTRY.size;
  const valueAt = suffixAt + nameLength;
  if (valueAt + valueSize > bytes.length) return undefined;
  const suffix = bytes.subarray(suffixAt, valueAt);
  return { index: nameIndex, suffix, value: bytes.subarray(valueAt, valueAt + valueSize) };
}

/** Source: Linux fs/erofs/xattr.h (`erofs_xattr_prefix`). Room that is kept for later is zeros, and has no prefix too. */
function isShown({ index }: StoredXattr): boolean {
  return hasXattrHandler(index);
}

/** A wrong filter hides an attribute from the kernel, which trusts it. */
function checkFilter(
  superblock: Superblock,
  inode: Inode,
  filter: number,
  xattrs: readonly StoredXattr[],
): void {
  const inUse = (superblock.featureCompat & FEATURE_COMPAT_XATTR_FILTER) !== 0;
  if (!inUse || superblock.xattrFilterReserved !== 0) return;
  if ((filter & ~xattrNameFilter(xattrs)) !== 0) {
    throw xattrError(inode, 'one that the name filter rules out');
  }
}

function named({ index, suffix, value }: StoredXattr, shared: boolean): ImageXattr {
  return { name: joinXattrName(index, suffix)!, value, shared };
}

function xattrError(inode: Inode, problem: string) {
  return imageError(`an inode has attributes with ${problem}`, inodeName(inode.nid));
}
