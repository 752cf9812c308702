/** An inode by itself. Source: Linux fs/erofs/inode.c (`erofs_read_inode`). */

import { unknownChunkFormat } from '../erofs/chunk-entries.ts';
import {
  FEATURE_INCOMPAT_48BIT,
  FORMAT_DOT_OMITTED,
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_PLAIN,
  NSEC_LIMIT,
} from '../erofs/constants.ts';
import { fileTypeOf } from '../erofs/file-types.ts';
import { COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';
import type { Examination } from './examination.ts';
import type { FaultName } from './faults.ts';
import { type InodeFields, LAYOUT_MASK, LAYOUT_SHIFT } from './inode-fields.ts';
import { UNREADABLE } from './inode-table.ts';
import { spaceOf } from './metadata.ts';

export const REGULAR = 1;
export const DIRECTORY = 2;
export const SYMLINK = 7;

const KNOWN_FORMAT = 1 | (LAYOUT_MASK << LAYOUT_SHIFT) | FORMAT_DOT_OMITTED;
const INVALID_ID = 0xffffffff;

/** What the mode says, or `UNREADABLE`. */
export function kindOf({ mode }: InodeFields): number {
  return fileTypeOf(mode) || UNREADABLE;
}

/** Whether the inode can be read at all; nothing is reported. */
export function isReadable(exam: Examination, inode: InodeFields): boolean {
  const { format, layout, size } = inode;
  return (
    (format & ~KNOWN_FORMAT) === 0 &&
    layout <= LAYOUT_CHUNK_BASED &&
    kindOf(inode) !== UNREADABLE &&
    Number.isSafeInteger(size) &&
    inode.xattrEnd <= spaceOf(exam, inode.nid)!.end
  );
}

/** Checks all fields that mean something by themselves. `index` is that of the inode in the table. */
export function checkInode(exam: Examination, inode: InodeFields, index: number): void {
  checkFormat(exam, inode, index);
  const { mode, size, xattrEnd, mtimeNsec, mtime } = inode;
  if (kindOf(inode) === UNREADABLE) {
    reportInode(
      exam,
      inode,
      index,
      'inode-type',
      'mode',
      `the mode 0${mode.toString(8)} has no type`,
    );
  }
  // The kernel has signed sizes; what a double cannot hold is larger than any image.
  if (!Number.isSafeInteger(size))
    reportInode(exam, inode, index, 'inode-size', 'size', `a size of ${size} bytes`);
  const { end } = spaceOf(exam, inode.nid)!;
  if (xattrEnd > end) {
    reportInode(
      exam,
      inode,
      index,
      'inode-cut-off',
      'xattrCount',
      `attributes up to byte ${xattrEnd} of ${end}`,
    );
  }
  const isTime = Number.isSafeInteger(mtime + (inode.extended ? 0 : exam.frame.epoch));
  if (mtimeNsec >= NSEC_LIMIT || !isTime) {
    const field = isTime ? 'mtimeNsec' : 'mtime';
    reportInode(
      exam,
      inode,
      index,
      'inode-time',
      field,
      `${mtime} seconds and ${mtimeNsec} nanoseconds`,
    );
  }
  checkRest(exam, inode, index);
}

export type InodeField = keyof typeof COMPACT_INODE.offsets | keyof typeof EXTENDED_INODE.offsets;
/** Reports at a field of an inode. */
export function reportInode(
  exam: Examination,
  inode: InodeFields,
  index: number,
  fault: FaultName,
  field: InodeField,
  message: string,
): void {
  const offset = inode.offset + fieldOffset(inode, field);
  const space = spaceOf(exam, inode.nid)?.name;
  exam.findings.add(fault, { inode: index, offset, space }, message);
}

function fieldOffset({ extended }: InodeFields, field: InodeField): number {
  const offsets: Partial<Record<InodeField, number>> = extended
    ? EXTENDED_INODE.offsets
    : COMPACT_INODE.offsets;
  return offsets[field] ?? 0;
}

function checkFormat(exam: Examination, inode: InodeFields, index: number): void {
  const { format, layout, data } = inode;
  const isWide = (exam.frame.featureIncompat & FEATURE_INCOMPAT_48BIT) !== 0;
  const known = isWide ? KNOWN_FORMAT : KNOWN_FORMAT & ~FORMAT_DOT_OMITTED;
  if ((format & ~known) !== 0) {
    reportInode(
      exam,
      inode,
      index,
      'inode-format',
      'format',
      `the format 0x${format.toString(16)} is unknown`,
    );
  }
  if (layout > LAYOUT_CHUNK_BASED) {
    reportInode(exam, inode, index, 'inode-layout', 'format', `the layout ${layout} is unknown`);
  }
  const unknown = layout === LAYOUT_CHUNK_BASED ? unknownChunkFormat(data) : undefined;
  if (unknown !== undefined) {
    const text = `the chunk format ${unknown} is unknown`;
    reportInode(exam, inode, index, 'chunk-format', 'data', text);
  }
}

/** What does no harm. */
function checkRest(exam: Examination, inode: InodeFields, index: number): void {
  const { uid, gid, size, layout, reservedIsZero } = inode;
  const kind = kindOf(inode);
  if (uid === INVALID_ID || gid === INVALID_ID) {
    reportInode(
      exam,
      inode,
      index,
      'inode-owner',
      uid === INVALID_ID ? 'uid' : 'gid',
      'an id that means nobody',
    );
  }
  if (!reservedIsZero)
    reportInode(exam, inode, index, 'inode-reserved', 'reserved', 'reserved bytes are not zero');
  const hasContent = kind === REGULAR || kind === DIRECTORY || kind === SYMLINK;
  if (hasContent || kind === UNREADABLE) return;
  if (size > 0)
    reportInode(exam, inode, index, 'inode-special', 'size', `${size} bytes without content`);
  if (layout !== LAYOUT_FLAT_PLAIN)
    reportInode(exam, inode, index, 'inode-special', 'format', 'a layout of content');
}
