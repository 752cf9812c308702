/** The fields of an inode in either form, as they are stored. Source: Linux fs/erofs/inode.c (`erofs_read_inode`). */

import { FORMAT_DOT_OMITTED, FORMAT_NLINK_1, INODE_SLOT_SIZE } from '../erofs/constants.ts';
import { dataOf } from '../erofs/read-inode.ts';
import type { Inode } from '../erofs/reader.ts';
import { COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';
import { getI64, getU64, METABOX_NID } from '../erofs/struct.ts';
import { xattrBodyBytes } from '../erofs/xattrs.ts';
import { isDirectory } from '../posix.ts';

const COMPACT = COMPACT_INODE.offsets;
const EXTENDED = EXTENDED_INODE.offsets;
/** Bit 0 of `i_format` is the version, the next three are the layout. */
export const LAYOUT_SHIFT = 1;
export const LAYOUT_MASK = 7;

/** Bytes of an inode with this format. */
export function inodeSize(format: number): number {
  return (format & 1) === 1 ? EXTENDED_INODE.size : COMPACT_INODE.size;
}

/** One class for both forms, with its fields set one by one: there may be millions, each read three times. */
export class InodeFields {
  readonly nid: number;
  /** Byte offset in the image, or in the metadata zone. */
  readonly offset: number;
  readonly format: number;
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
  /** High bits of the first block, where an address has them. */
  readonly dataHigh: number | undefined;
  /** Where attributes begin and end. */
  readonly xattrStart: number;
  readonly xattrEnd: number;
  /** Whether all of the bytes are zero that must be. */
  readonly reservedIsZero: boolean;

  /** Reads the inode at `at` of a view that holds all of its {@link inodeSize}. */
  constructor(view: DataView, at: number, nid: number, offset: number) {
    this.nid = nid;
    this.offset = offset;
    this.format = view.getUint16(at + COMPACT.format, true);
    this.mode = view.getUint16(at + COMPACT.mode, true);
    this.data = view.getUint32(at + COMPACT.data, true);
    const xattrCount = view.getUint16(at + COMPACT.xattrCount, true);
    this.xattrStart = offset + inodeSize(this.format);
    this.xattrEnd = this.xattrStart + xattrBodyBytes(xattrCount);
    // Where a compact inode has its links, unless it has one, and all others their high bits.
    const nb = view.getUint16(at + COMPACT.nlink, true);
    if (this.extended) {
      this.uid = view.getUint32(at + EXTENDED.uid, true);
      this.gid = view.getUint32(at + EXTENDED.gid, true);
      this.nlink = view.getUint32(at + EXTENDED.nlink, true);
      this.size = getU64(view, at + EXTENDED.size);
      this.mtime = getI64(view, at + EXTENDED.mtime);
      this.mtimeNsec = view.getUint32(at + EXTENDED.mtimeNsec, true);
      this.dataHigh = nb;
      const reserved = at + EXTENDED.reserved;
      this.reservedIsZero = getU64(view, reserved) + getU64(view, reserved + 8) === 0;
    } else {
      const hasOneLink = !isDirectory(this.mode) && (this.format & FORMAT_NLINK_1) !== 0;
      this.uid = view.getUint16(at + COMPACT.uid, true);
      this.gid = view.getUint16(at + COMPACT.gid, true);
      this.nlink = hasOneLink ? 1 : nb;
      this.size = view.getUint32(at + COMPACT.size, true);
      this.mtime = view.getUint32(at + COMPACT.mtime, true);
      this.mtimeNsec = 0;
      this.dataHigh = hasOneLink ? nb : undefined;
      this.reservedIsZero = view.getUint32(at + COMPACT.reserved, true) === 0;
    }
  }

  /** The same for parts of the reader; a literal, since spreading takes many times as long. */
  forReader(): Inode {
    return {
      nid: this.nid,
      inMetabox: this.nid >= METABOX_NID,
      offset: this.offset,
      extended: this.extended,
      mode: this.mode,
      uid: this.uid,
      gid: this.gid,
      nlink: this.nlink,
      size: this.size,
      mtime: this.mtime,
      mtimeNsec: this.mtimeNsec,
      ino: 0,
      layout: this.layout,
      data: this.start,
      dotOmitted: this.dotOmitted,
      xattrStart: this.xattrStart,
      xattrEnd: this.xattrEnd,
    };
  }

  /** {@link data} with its high bits, where it is the first block; undefined where that is nowhere. */
  get start(): number | undefined {
    return dataOf(this, this.layout);
  }

  get extended(): boolean {
    return (this.format & 1) === 1;
  }

  get layout(): number {
    return (this.format >>> LAYOUT_SHIFT) & LAYOUT_MASK;
  }

  /** Whether it leaves out its `.`; of directories only. */
  get dotOmitted(): boolean {
    return isDirectory(this.mode) && (this.format & FORMAT_DOT_OMITTED) !== 0;
  }
}

/** Slots an inode of either form can begin at. */
export const SLOT = INODE_SLOT_SIZE;
