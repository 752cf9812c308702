/** What PAX headers say about an entry, and how the values of several headers combine. */

import { latin1 } from '../bytes.ts';
import type { Xattr } from './entry.ts';
import { limitFailure, type Place } from './failure.ts';
import type { TarLimits } from './limits.ts';
import type { Timestamp } from './numbers.ts';
import type { PaxSparse } from './pax-sparse.ts';

/** Values of the known keys: undefined where there is no record, null where an empty one takes it back. */
export class PaxValues {
  path: Uint8Array | null | undefined;
  linkPath: Uint8Array | null | undefined;
  size: number | null | undefined;
  mtime: Timestamp | null | undefined;
  uid: number | null | undefined;
  gid: number | null | undefined;
  devMajor: number | null | undefined;
  devMinor: number | null | undefined;
  sparse: PaxSparse | undefined;
  /** Whether there was an access control list, as text; it is not kept. */
  hasAcl = false;
  /** By name, latin1. An empty value is an attribute without content, which Linux has. */
  readonly xattrs = new Map<string, Xattr>();
}

/** Whether the values leave every entry as it is. */
export function isSilent({ xattrs, hasAcl: _, ...values }: PaxValues): boolean {
  const isSet = (value: unknown): boolean => value !== undefined && value !== null;
  return xattrs.size === 0 && !Object.values(values).some(isSet);
}

/** Adds an attribute or replaces the one of its name. Fails with `E_LIMIT`. */
export function addXattr(
  xattrs: Map<string, Xattr>,
  xattr: Xattr,
  limits: TarLimits,
  place: Place,
): void {
  xattrs.set(latin1(xattr.name), xattr);
  if (xattrs.size > limits.xattrs) {
    throw limitFailure('xattrs', limits, 'the number of extended attributes', place);
  }
}

/** `upper` laid over `lower`: each value of `upper` wins, also where it takes one back. */
export function layerPax(
  lower: PaxValues,
  upper: PaxValues,
  limits: TarLimits,
  place: Place,
): PaxValues {
  const values = new PaxValues();
  values.path = upper.path === undefined ? lower.path : upper.path;
  values.linkPath = upper.linkPath === undefined ? lower.linkPath : upper.linkPath;
  values.size = upper.size === undefined ? lower.size : upper.size;
  values.mtime = upper.mtime === undefined ? lower.mtime : upper.mtime;
  values.uid = upper.uid === undefined ? lower.uid : upper.uid;
  values.gid = upper.gid === undefined ? lower.gid : upper.gid;
  values.devMajor = upper.devMajor === undefined ? lower.devMajor : upper.devMajor;
  values.devMinor = upper.devMinor === undefined ? lower.devMinor : upper.devMinor;
  values.sparse = upper.sparse;
  for (const xattr of lower.xattrs.values()) addXattr(values.xattrs, xattr, limits, place);
  for (const xattr of upper.xattrs.values()) addXattr(values.xattrs, xattr, limits, place);
  return values;
}
