/** Owner, mode, time and attributes of what has been made, as far as Node.js has calls for them. */

import { chmodSync, lchownSync, lutimesSync } from 'node:fs';
import { MAX_DATE_SECONDS } from '../image/facts-text.ts';
import type { FileType } from '../posix.ts';
import type { Loss } from './left-out.ts';

/** What a file is to get. */
export interface Metadata {
  /** Below the folder that it is made in; one char code a byte. */
  readonly path: string;
  readonly type: FileType;
  /** The low 12 bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly mtimeNsec: number;
  readonly xattrs: readonly { readonly name: string; readonly value: Uint8Array }[];
  /** Of a device. */
  readonly device: { readonly major: number; readonly minor: number } | undefined;
}

/** Set on files that run as their owner, who must then be the right one. */
const SETUID_BITS = 0o6000;

const ROOT = 0;

/** Whether {@link setMetadata} can set all of it: whole seconds reach the disk as they are, fractions do not. */
export function isWithinNode({ mtime, mtimeNsec, xattrs }: Metadata): boolean {
  return xattrs.length === 0 && mtimeNsec === 0 && Math.abs(mtime) <= MAX_DATE_SECONDS;
}

/** Whom files of this process belong to. */
const SELF = { uid: process.geteuid?.(), gid: process.getegid?.() };

/** `chown(2)` takes it for an owner or a group that is to stay as it is. */
const UNCHANGED = 0xffff_ffff;

/** Whether this process can make `uid:gid` the owner of its files. */
export function mayOwn({ uid, gid }: Pick<Metadata, 'uid' | 'gid'>): boolean {
  if (uid === UNCHANGED || gid === UNCHANGED) return false;
  return SELF.uid === ROOT || (SELF.uid === uid && SELF.gid === gid);
}

/** A path below a folder, for Node.js. */
export function within(folder: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

/** Sets what can be set, and tells what could not. */
export function setMetadata(folder: string, metadata: Metadata): Loss[] {
  const { path, type, uid, gid, mtime, mtimeNsec, xattrs } = metadata;
  const losses: Loss[] = [];
  const file = within(folder, path);
  const attempt = (kind: Loss['kind'], call: () => void): boolean => {
    try {
      call();
      return true;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      losses.push({ kind, path, ...(code === undefined ? {} : { reason: code }) });
      return false;
    }
  };
  if (!mayOwn(metadata)) losses.push({ kind: 'owner', path });
  const isOwned = mayOwn(metadata) && attempt('owner', () => lchownSync(file, uid, gid));
  if (xattrs.length > 0) losses.push({ kind: 'xattr', path, count: xattrs.length });
  if (type !== 'symlink') {
    const mode = isOwned ? metadata.mode : metadata.mode & ~SETUID_BITS;
    if (mode !== metadata.mode) losses.push({ kind: 'setuid', path });
    attempt('mode', () => chmodSync(file, mode));
  }
  const time = new Date(Math.max(-MAX_DATE_SECONDS, Math.min(mtime, MAX_DATE_SECONDS)) * 1000);
  if (mtimeNsec !== 0 || time.getTime() !== mtime * 1000) losses.push({ kind: 'time', path });
  attempt('time', () => lutimesSync(file, time, time));
  return losses;
}
