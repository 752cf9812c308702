/** The fields of an inode in either form, as they are stored. Source: Linux fs/erofs/inode.c (`erofs_read_inode`). */

import {
  FORMAT_DOT_OMITTED,
  FORMAT_NLINK_1,
  INODE_SLOT_SIZE,
  LAYOUT_COMPRESSED_COMPACT,
  LAYOUT_COMPRESSED_FULL,
} from '../erofs/constants.ts';
import { COMPACT_INODE, EXTENDED_INODE, XATTR_HEADER } from '../erofs/records.ts';
import { getI64, getU64 } from '../erofs/struct.ts';
import { XATTR_ALIGN } from '../erofs/xattrs.ts';
import { isDirectory } from '../posix.ts';

export interface InodeFields {
  readonly nid: number;
  /** Byte offset in the image, or in the metadata zone. */
  readonly offset: number;
  readonly format: number;
  readonly extended: boolean;
  readonly layout: number;
  /** Whether it leaves out its `.`; of directories only. */
  readonly dotOmitted: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly size: number;
  /** Seconds; relative to the epoch of the image in a compact inode. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  /** `i_u`: the first block, the device number, the chunk format or the count of compressed blocks. */
  readonly data: number;
  /** High bits of the first block. */
  readonly dataHigh: number;
  readonly xattrCount: number;
  /** Where attributes begin and end. */
  readonly xattrStart: number;
  readonly xattrEnd: number;
  /** Whether all of the bytes are zero that must be. */
  readonly reservedIsZero: boolean;
}

const COMPACT = COMPACT_INODE.offsets;
const EXTENDED = EXTENDED_INODE.offsets;
/** Bit 0 of `i_format` is the version, the next three are the layout. */
export const LAYOUT_SHIFT = 1;
export const LAYOUT_MASK = 7;

/** Bytes of an inode with this format. */
export function inodeSize(format: number): number {
  return (format & 1) === 1 ? EXTENDED_INODE.size : COMPACT_INODE.size;
}

/** Reads the fields at `at`; the view holds all of {@link inodeSize}. */
export function readFields(view: DataView, at: number, nid: number, offset: number): InodeFields {
  const format = view.getUint16(at + COMPACT.format, true);
  const xattrCount = view.getUint16(at + COMPACT.xattrCount, true);
  const xattrStart = offset + inodeSize(format);
  const common = {
    nid,
    offset,
    format,
    layout: (format >>> LAYOUT_SHIFT) & LAYOUT_MASK,
    mode: view.getUint16(at + COMPACT.mode, true),
    data: view.getUint32(at + COMPACT.data, true),
    xattrCount,
    xattrStart,
    xattrEnd: xattrStart + xattrBytes(xattrCount),
  };
  return (format & 1) === 1 ? extended(view, at, common) : compact(view, at, common);
}

type Common = Pick<
  InodeFields,
  | 'nid'
  | 'offset'
  | 'format'
  | 'layout'
  | 'mode'
  | 'data'
  | 'xattrCount'
  | 'xattrStart'
  | 'xattrEnd'
>;

function compact(view: DataView, at: number, common: Common): InodeFields {
  const nb = view.getUint16(at + COMPACT.nlink, true);
  const isDir = isDirectory(common.mode);
  const oneLink = !isDir && (common.format & FORMAT_NLINK_1) !== 0;
  return {
    ...common,
    extended: false,
    dotOmitted: isDir && (common.format & FORMAT_DOT_OMITTED) !== 0,
    uid: view.getUint16(at + COMPACT.uid, true),
    gid: view.getUint16(at + COMPACT.gid, true),
    nlink: oneLink ? 1 : nb,
    size: view.getUint32(at + COMPACT.size, true),
    mtime: view.getUint32(at + COMPACT.mtime, true),
    mtimeNsec: 0,
    dataHigh: oneLink ? nb : 0,
    reservedIsZero: view.getUint32(at + COMPACT.reserved, true) === 0,
  };
}

function extended(view: DataView, at: number, common: Common): InodeFields {
  const reserved = at + EXTENDED.reserved;
  return {
    ...common,
    extended: true,
    dotOmitted: isDirectory(common.mode) && (common.format & FORMAT_DOT_OMITTED) !== 0,
    uid: view.getUint32(at + EXTENDED.uid, true),
    gid: view.getUint32(at + EXTENDED.gid, true),
    nlink: view.getUint32(at + EXTENDED.nlink, true),
    size: getU64(view, at + EXTENDED.size),
    mtime: getI64(view, at + EXTENDED.mtime),
    mtimeNsec: view.getUint32(at + EXTENDED.mtimeNsec, true),
    dataHigh: view.getUint16(at + EXTENDED.startBlockHigh, true),
    reservedIsZero: getU64(view, reserved) === 0 && getU64(view, reserved + 8) === 0,
  };
}

/** `i_xattr_icount` counts 4-byte units after the header, plus one. */
function xattrBytes(count: number): number {
  return count === 0 ? 0 : XATTR_HEADER.size + (count - 1) * XATTR_ALIGN;
}

export function isCompressed(layout: number): boolean {
  return layout === LAYOUT_COMPRESSED_FULL || layout === LAYOUT_COMPRESSED_COMPACT;
}

/** Slots an inode of either form can begin at. */
export const SLOT = INODE_SLOT_SIZE;
