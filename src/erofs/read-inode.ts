/** Inodes in both on-disk forms as one shape. Source: Linux fs/erofs/inode.c (`erofs_read_inode`). */

import { isDevice, isDirectory, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, typeOfMode } from '../posix.ts';
import {
  FORMAT_DOT_OMITTED,
  FORMAT_NLINK_1,
  INODE_SLOT_SIZE,
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_PLAIN,
  NSEC_LIMIT,
  NULL_BLOCK,
  NULL_BLOCK_48,
} from './constants.ts';
import { decodeDevice } from './file-types.ts';
import { inodeName } from './inode-name.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Superblock } from './read-superblock.ts';
import { COMPACT_INODE, EXTENDED_INODE } from './records.ts';
import { METABOX_NID } from './struct.ts';
import type { Area, Volume } from './volume.ts';
import { xattrBodyBytes } from './xattrs.ts';

/** An inode, checked by itself: what it points to is not looked at. */
export interface Inode {
  /** Its number; those of inodes in the metabox have 2^52 added. */
  readonly nid: number;
  /** Whether its metadata is in the metabox; `offset` and the two below are then places in what it unpacks to. */
  readonly inMetabox: boolean;
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
  /** `EROFS_INODE_*`: how the content is stored. */
  readonly layout: number;
  /**
   * First block of flat data, or undefined where all of it is one hole; the chunk format; the blocks of compressed
   * data; {@link deviceOf} for devices.
   */
  readonly data: number | undefined;
  /** Whether the entries of this directory lack their `.`, which {@link entriesOf} then adds. */
  readonly dotOmitted: boolean;
  /** Where the attributes begin, and where they end: inline data, a chunk map or a map of clusters follows there. */
  readonly xattrStart: number;
  readonly xattrEnd: number;
}

/** Bit 0 of `i_format` is the version, the next three are the layout. */
const LAYOUT_BITS = 0x7;
const FORMAT_BITS = 0xf | FORMAT_DOT_OMITTED | FORMAT_NLINK_1;
const TWO_32 = 2 ** 32;

/** Reads and checks one inode. Throws `E_IMAGE`. */
export function readInode(volume: Volume, nid: number): Inode {
  const { superblock } = volume;
  const place = inodeName(nid);
  if (!Number.isSafeInteger(nid) || nid < 0) {
    throw imageError('an inode lies outside the image', place);
  }
  const inMetabox = nid >= METABOX_NID;
  const area = volume.area(inMetabox);
  const offset = inodeOffset(superblock, nid);
  if (offset + INODE_SLOT_SIZE > area.size) {
    throw imageError('an inode lies outside the image', place);
  }
  const head = viewOf(readExactly(area.bytes, offset, INODE_SLOT_SIZE, place));
  const format = head.getUint16(COMPACT_INODE.offsets.format, true);
  const layout = (format >> 1) & LAYOUT_BITS;
  if ((format & ~FORMAT_BITS) !== 0 || layout > LAYOUT_CHUNK_BASED) {
    throw imageError(`an inode has an unsupported format: 0x${format.toString(16)}`, place);
  }
  const extended = (format & 1) === 1;
  const record = extended ? readExtended(area, offset) : readCompact(head, superblock);
  const xattrStart = offset + (extended ? EXTENDED_INODE.size : COMPACT_INODE.size);
  // Field by field: objects that are spread into each other take many times as long.
  const inode = {
    nid,
    inMetabox,
    offset,
    extended,
    mode: record.mode,
    uid: record.uid,
    gid: record.gid,
    nlink: record.nlink,
    size: record.size,
    mtime: record.mtime,
    mtimeNsec: record.mtimeNsec,
    ino: record.ino,
    layout,
    data: dataOf(record, layout),
    dotOmitted: isDirectory(record.mode) && (format & FORMAT_DOT_OMITTED) !== 0,
    xattrStart,
    xattrEnd: xattrStart + xattrBodyBytes(record.xattrCount),
  };
  checkInode(inode, area);
  return inode;
}

/** Byte offset of an inode, in the image or in the metabox. */
function inodeOffset(superblock: Superblock, nid: number): number {
  if (nid >= METABOX_NID) return (nid - METABOX_NID) * INODE_SLOT_SIZE;
  return superblock.metaOffset + nid * INODE_SLOT_SIZE;
}

/** What of an inode as it is stored says where its content begins. */
interface RawInode {
  readonly data: number;
  /** High bits of `data`, if this form of inode has room for them. */
  readonly dataHigh: number | undefined;
  readonly mode: number;
}

/** {@link Inode.data}. An address of all ones means no blocks at all, however wide it is. */
export function dataOf({ data, dataHigh, mode }: RawInode, layout: number): number | undefined {
  const type = mode & S_IFMT;
  const hasAddress = type === S_IFREG || type === S_IFDIR || type === S_IFLNK;
  if (!hasAddress || layout === LAYOUT_CHUNK_BASED) return data;
  const block = (dataHigh ?? 0) * TWO_32 + data;
  const nothing = dataHigh === undefined ? NULL_BLOCK : NULL_BLOCK_48;
  return layout === LAYOUT_FLAT_PLAIN && block === nothing ? undefined : block;
}

/** A compact inode has its time relative to the superblock's; images for older kernels have a zero there. */
function readCompact(view: DataView, superblock: Superblock) {
  const record = COMPACT_INODE.read(view, 0);
  const oneLink = !isDirectory(record.mode) && (record.format & FORMAT_NLINK_1) !== 0;
  return Object.assign(record, {
    nlink: oneLink ? 1 : record.nlink,
    dataHigh: oneLink ? record.nlink : undefined,
    mtime: superblock.epoch + record.mtime,
    mtimeNsec: superblock.fixedNsec,
  });
}

function readExtended({ bytes }: Area, offset: number) {
  const record = readExactly(bytes, offset, EXTENDED_INODE.size, 'an extended inode');
  const inode = EXTENDED_INODE.read(viewOf(record), 0);
  return Object.assign(inode, { dataHigh: inode.startBlockHigh });
}

function checkInode(inode: Inode, area: Area): void {
  const place = inodeName(inode.nid);
  if (typeOfMode(inode.mode) === undefined) {
    throw imageError(`an inode has an unknown type: mode 0${inode.mode.toString(8)}`, place);
  }
  if (inode.xattrEnd > area.size) {
    throw imageError('the attributes of an inode lie outside the image', place);
  }
  if (!Number.isSafeInteger(inode.size)) throw imageError('a size is out of range', place);
  if (!Number.isSafeInteger(inode.mtime) || inode.mtimeNsec >= NSEC_LIMIT) {
    throw imageError('a time is out of range', place);
  }
}

/** `major` and `minor` of a device inode; undefined for any other type. */
export function deviceOf(inode: Inode): { major: number; minor: number } | undefined {
  return isDevice(inode.mode) ? decodeDevice(inode.data ?? 0) : undefined;
}
