/** What the options of a build make of an entry, said once more and on its own. */

import { latin1 } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Reading } from './model/layers.ts';

/** Of all options of a build, those that decide what is in the image. */
export interface Rules {
  readonly reading: Reading;
  /** Where whiteouts of the one layer are kept, the namespace of their attributes. */
  readonly whiteouts: 'trusted' | 'user' | undefined;
  /** Whether the image holds extended attributes. */
  readonly xattrs: boolean;
  readonly data: 'full' | 'zero';
  /** Whether the image must refer to the tars of all layers. */
  readonly index: boolean;
  /** Patterns of paths that are left out. */
  readonly exclude: readonly string[];
  readonly forceUid: number | undefined;
  readonly forceGid: number | undefined;
  readonly uidOffset: number;
  readonly gidOffset: number;
  /** Latest time of a file in seconds since 1970. */
  readonly clampTime: number | undefined;
  /** Time of the image, which directories without an entry have; what the image says where it is undefined. */
  readonly epoch: number | undefined;
  readonly limits: Limits;
}

const MAX_ID = 0xffffffff;

export function ownerOf(uid: number, rules: Rules): number {
  return checkedId((rules.forceUid ?? uid) + rules.uidOffset, 'user');
}

export function groupOf(gid: number, rules: Rules): number {
  return checkedId((rules.forceGid ?? gid) + rules.gidOffset, 'group');
}

function checkedId(id: number, what: string): number {
  if (id >= 0 && id <= MAX_ID) return id;
  throw new ErofsWasmError('E_RANGE', `a ${what} id with its offset is not a 32-bit id: ${id}`, {
    hint: 'choose a smaller offset',
  });
}

/** Seconds and nanoseconds of an entry. */
export function timeOf({ mtime, mtimeNsec }: TarEntry, { clampTime }: Rules): [number, number] {
  const isLate = clampTime !== undefined && mtime >= clampTime;
  return isLate ? [clampTime, 0] : [mtime, mtimeNsec];
}

/** Prefixes that EROFS has numbers for, and the two whole names. Source: Linux fs/erofs/erofs_fs.h. */
const PREFIXES = ['user.', 'trusted.', 'security.'];
const NAMES = ['system.posix_acl_access', 'system.posix_acl_default'];
/** These would make an overlay mount of the image lie about what is in it. */
const LEFT_OUT = ['trusted.overlay.', 'user.overlay.'];

/** Attributes that the image has of an entry, by name as latin1 text. */
export function xattrsOf(entry: TarEntry, rules: Rules): ReadonlyMap<string, Uint8Array> {
  const kept = new Map<string, Uint8Array>();
  if (!rules.xattrs) return kept;
  for (const { name, value } of entry.xattrs) {
    const text = latin1(name);
    if (isKept(text, entry.type)) kept.set(text, value.slice());
  }
  return kept;
}

function isKept(name: string, type: TarEntry['type']): boolean {
  if (LEFT_OUT.some((prefix) => name.startsWith(prefix))) return false;
  // Linux shows such attributes of files and directories only (fs/xattr.c, `xattr_permission`).
  if (name.startsWith('user.') && type !== 'file' && type !== 'directory') return false;
  return (
    NAMES.includes(name) ||
    PREFIXES.some((prefix) => name.startsWith(prefix) && name.length > prefix.length)
  );
}
