/** A name in an image as programs read it: plain values, fit for JSON. */

import { latin1 } from '../bytes.ts';
import { deviceOf, type ErofsReader, type TreeNode } from '../erofs/reader.ts';
import { type FileType, isDevice, isSymlink, typeOfMode } from '../posix.ts';
import { isoTime } from './facts-text.ts';
import { nameText } from './name-text.ts';

/** A name in an image and the inode that it leads to. */
export interface ImageEntry {
  /** Absolute in the image. Bytes that are no UTF-8 stand as `\xNN`; only then there is `pathBase64`. */
  readonly path: string;
  /** The bytes of the path, in base64. */
  readonly pathBase64?: string;
  readonly type: FileType;
  /** The low 12 bits: permissions, setuid, setgid, sticky. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content, of a directory's entries or of a symlink's target; 0 for other types. */
  readonly size: number;
  /** UTC, `2024-01-02T03:04:05Z`, with nine digits of a fraction where there is one. */
  readonly mtime: string;
  /** Of a device. */
  readonly device?: { readonly major: number; readonly minor: number };
  /** Of a symlink; as `path`. */
  readonly target?: string;
  readonly targetBase64?: string;
  /** Number of the inode in the image. */
  readonly nid: number;
}

/** Throws `E_IMAGE` where a symlink's target cannot be read. */
export function describeEntry(reader: ErofsReader, { path, inode }: TreeNode): ImageEntry {
  const { mode, nlink, uid, gid, size, mtime, mtimeNsec, nid } = inode;
  const device = deviceOf(inode);
  return {
    ...pathTexts(path),
    // The reader knows no inode of another type.
    type: typeOfMode(mode)!,
    mode: mode & 0o7777,
    links: nlink,
    uid,
    gid,
    size: isDevice(mode) ? 0 : size,
    mtime: isoTime(mtime, mtimeNsec),
    ...(device === undefined ? {} : { device }),
    ...(isSymlink(mode) ? targetTexts(latin1(reader.target(inode))) : {}),
    nid,
  };
}

/** A path as the fields that stand for one. */
export function pathTexts(path: string): Pick<ImageEntry, 'path' | 'pathBase64'> {
  const { text, base64 } = nameText(path);
  return { path: text, ...(base64 === undefined ? {} : { pathBase64: base64 }) };
}

function targetTexts(target: string): Pick<ImageEntry, 'target' | 'targetBase64'> {
  const { text, base64 } = nameText(target);
  return { target: text, ...(base64 === undefined ? {} : { targetBase64: base64 }) };
}
