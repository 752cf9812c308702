/** One attribute, inline or shared. Source: Linux fs/erofs/xattr.c and fs/posix_acl.c (`posix_acl_from_xattr`). */

import { XATTR_LONG_PREFIX, XATTR_NO_PREFIX } from '../erofs/constants.ts';
import { viewOf } from '../erofs/read-bytes.ts';
import type { XattrPrefix } from '../erofs/reader.ts';
import { XATTR_ENTRY } from '../erofs/records.ts';
import { hasXattrHandler } from '../erofs/xattrs.ts';
import type { FaultName } from './faults.ts';

/** A name as the kernel compares it: the number of its short prefix, and all that follows. */
export interface XattrName {
  readonly index: number;
  readonly suffix: Uint8Array;
}

/** What names refer to besides the short prefixes. */
export interface LongNames {
  readonly prefixes: readonly XattrPrefix[];
  /** Name index of the digests of files, which the kernel asks for itself; undefined for none. */
  readonly fingerprint: number | undefined;
}

/** Reports at a byte of the entry. */
export type ReportEntry = (fault: FaultName, at: number, message: string) => void;

const { offsets: FIELDS, size: HEADER } = XATTR_ENTRY;
const ACLS = [2, 3] as const;
/** A prefix that is reserved, and that the kernel has no handler for. */
const LUSTRE = 5;
/** `struct posix_acl_xattr_header` and its entries. */
const ACL_VERSION = 2;
const ACL_HEADER = 4;
const ACL_ENTRY = 8;
/** Kinds of entries: owner, user, group of the owner, group, mask, others; and those of them that name somebody. */
const ACL_TAGS: readonly number[] = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20];
const ACL_NAMED: readonly number[] = [0x02, 0x08];
const NOBODY = 0xffffffff;

/** Checks an entry of exactly these bytes. Returns its name, or undefined where it is none or only padding. */
export function checkXattrEntry(
  bytes: Uint8Array,
  { prefixes, fingerprint }: LongNames,
  report: ReportEntry,
): XattrName | undefined {
  const nameLength = bytes[FIELDS.nameLength]!;
  const nameIndex = bytes[FIELDS.nameIndex]!;
  const value = bytes.subarray(HEADER + nameLength);
  // Room that was kept for attributes to come is zero.
  if (nameIndex === 0 && bytes.length === HEADER) return undefined;
  const name = nameOf(nameIndex, bytes.subarray(HEADER, HEADER + nameLength), prefixes);
  if (name === undefined) {
    report('xattr-prefix', FIELDS.nameIndex, `there is no prefix ${nameIndex}`);
    return undefined;
  }
  if (nameIndex === fingerprint) return name;
  if (!hasXattrHandler(name.index)) {
    report('xattr-invisible', FIELDS.nameIndex, 'a name that Linux has no prefix for');
    return name;
  }
  checkName(name, report);
  if (isAcl(name.index)) checkAcl(value, HEADER + nameLength, report);
  return name;
}

function nameOf(
  index: number,
  suffix: Uint8Array,
  prefixes: readonly XattrPrefix[],
): XattrName | undefined {
  if ((index & XATTR_LONG_PREFIX) === 0) {
    const isKnown = index === XATTR_NO_PREFIX || index === LUSTRE || hasXattrHandler(index);
    return isKnown ? { index, suffix } : undefined;
  }
  const prefix = prefixes[index & ~XATTR_LONG_PREFIX];
  if (prefix === undefined) return undefined;
  if (prefix.infix.length === 0) return { index: prefix.index, suffix };
  return { index: prefix.index, suffix: Buffer.concat([prefix.infix, suffix]) };
}

/** The ACLs are whole names by their numbers; others need something behind the prefix. */
function checkName({ index, suffix }: XattrName, report: ReportEntry): void {
  if (suffix.includes(0)) report('xattr-name', HEADER, 'a name with a NUL in it');
  if (isAcl(index) === (suffix.length === 0)) return;
  report('xattr-name', FIELDS.nameLength, `a name of ${suffix.length} bytes behind its prefix`);
}

function isAcl(index: number): boolean {
  return index === ACLS[0] || index === ACLS[1];
}

function checkAcl(value: Uint8Array, at: number, report: ReportEntry): void {
  if (isAccessList(value)) return;
  report('xattr-acl', at, `${value.length} bytes that are no access list`);
}

/** What the kernel looks at when it reads one; the order of entries is checked when one is set. */
function isAccessList(value: Uint8Array): boolean {
  const isWhole = value.length >= ACL_HEADER && (value.length - ACL_HEADER) % ACL_ENTRY === 0;
  if (!isWhole || viewOf(value).getUint32(0, true) !== ACL_VERSION) return false;
  const view = viewOf(value);
  for (let at = ACL_HEADER; at < value.length; at += ACL_ENTRY) {
    const tag = view.getUint16(at, true);
    if (!ACL_TAGS.includes(tag)) return false;
    if (ACL_NAMED.includes(tag) && view.getUint32(at + 4, true) === NOBODY) return false;
  }
  return true;
}
