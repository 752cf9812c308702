/** Inodes in both on-disk forms as one shape. Source: Linux fs/erofs/inode.c (`erofs_read_inode`). */

import { isDevice, typeOfMode } from '../posix.ts';
import {
  INODE_SLOT_SIZE,
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_INLINE,
  LAYOUT_FLAT_PLAIN,
} from './constants.ts';
import { decodeDevice } from './file-types.ts';
import { type ImageBytes, imageError, readExactly, viewOf } from './read-bytes.ts';
import { inodeOffset, type Superblock } from './read-superblock.ts';
import { COMPACT_INODE, EXTENDED_INODE, XATTR_HEADER } from './records.ts';
import { XATTR_ALIGN } from './xattrs.ts';

/** An inode, checked by itself: what it points to is not looked at. */
export interface Inode {
  readonly nid: number;
  /** Byte offset in the image. */
  readonly offset: number;
  readonly extended: boolean;
  /** Type bits and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Bytes of content, of directory entries or of a link's target. */
  readonly size: number;
  /** Seconds since 1970, and 0 to 999999999 nanoseconds to add. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  /** The 32-bit number that `stat` reports on 32-bit systems. */
  readonly ino: number;
  readonly layout: number;
  /** First block of flat data, or the chunk format; {@link deviceOf} for devices. */
  readonly data: number;
  /** Where the attributes begin, and where they end: inline data or a chunk map follows there. */
  readonly xattrStart: number;
  readonly xattrEnd: number;
}

const LAYOUTS = new Set([LAYOUT_FLAT_PLAIN, LAYOUT_FLAT_INLINE, LAYOUT_CHUNK_BASED]);
/** Bit 0 of `i_format` is the version, the next three are the layout. */
const FORMAT_BITS = 0xf;
const NSEC_LIMIT = 1_000_000_000;

/** Reads and checks one inode. Throws `E_IMAGE`. */
export function readInode(image: ImageBytes, superblock: Superblock, nid: number): Inode {
  const offset = inodeOffset(superblock, nid);
  const place = `inode ${nid}`;
  if (!Number.isSafeInteger(nid) || nid < 0 || offset + INODE_SLOT_SIZE > superblock.size) {
    throw imageError('an inode lies outside the image', place);
  }
  const head = viewOf(readExactly(image, offset, INODE_SLOT_SIZE, place));
  const format = head.getUint16(COMPACT_INODE.offsets.format, true);
  const layout = format >> 1;
  if ((format & ~FORMAT_BITS) !== 0 || !LAYOUTS.has(layout)) {
    throw imageError(`an inode has an unsupported format: 0x${format.toString(16)}`, place);
  }
  const extended = (format & 1) === 1;
  const record = extended ? readExtended(image, offset) : readCompact(head, superblock);
  const { mode, uid, gid, nlink, size, mtime, mtimeNsec, ino, data } = record;
  const xattrStart = offset + (extended ? EXTENDED_INODE.size : COMPACT_INODE.size);
  const xattrEnd = xattrStart + xattrBytes(record.xattrCount);
  const what = { mode, uid, gid, nlink, size, mtime, mtimeNsec, ino };
  const inode = { nid, offset, extended, ...what, layout, data, xattrStart, xattrEnd };
  checkInode(inode, superblock);
  return inode;
}

/** A compact inode has its time relative to the superblock's; images for older kernels have a zero there. */
function readCompact(view: DataView, superblock: Superblock) {
  const record = COMPACT_INODE.read(view, 0);
  const mtime = superblock.epoch + record.mtime;
  return { ...record, mtime, mtimeNsec: superblock.fixedNsec };
}

function readExtended(image: ImageBytes, offset: number) {
  const bytes = readExactly(image, offset, EXTENDED_INODE.size, 'an extended inode');
  return EXTENDED_INODE.read(viewOf(bytes), 0);
}

/** `i_xattr_icount` counts 4-byte units after the header, plus one. */
function xattrBytes(count: number): number {
  return count === 0 ? 0 : XATTR_HEADER.size + (count - 1) * XATTR_ALIGN;
}

function checkInode(inode: Inode, superblock: Superblock): void {
  const place = `inode ${inode.nid}`;
  if (typeOfMode(inode.mode) === undefined) {
    throw imageError(`an inode has an unknown type: mode 0${inode.mode.toString(8)}`, place);
  }
  if (inode.xattrEnd > superblock.size) {
    throw imageError('the attributes of an inode lie outside the image', place);
  }
  if (!Number.isSafeInteger(inode.size)) throw imageError('a size is out of range', place);
  if (!Number.isSafeInteger(inode.mtime) || inode.mtimeNsec >= NSEC_LIMIT) {
    throw imageError('a time is out of range', place);
  }
}

/** `major` and `minor` of a device inode; undefined for any other type. */
export function deviceOf(inode: Inode): { major: number; minor: number } | undefined {
  return isDevice(inode.mode) ? decodeDevice(inode.data) : undefined;
}
