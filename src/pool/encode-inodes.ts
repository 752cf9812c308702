/** Writes a stretch of inodes: cores from the columns, attribute bodies, and what is kept behind them. */

import {
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_INLINE,
  LAYOUT_FLAT_PLAIN,
  NULL_BLOCK,
} from '../erofs/constants.ts';
import { COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';
import { putI64, putU16, putU32, putU64 } from '../erofs/struct.ts';
import { xattrCountOf } from '../erofs/xattrs.ts';
import { isCompact, suffixStart } from '../plan/inode-span.ts';
import { isDevice } from '../posix.ts';
import { CONTENT_CHUNKED, type InodeColumns } from '../tree/inodes.ts';
import type { InodesTask } from './protocol.ts';

/** Fills the target with the stretch; what no inode covers is zero. */
export function encodeInodes(task: InodesTask): void {
  const bytes = task.target.fill(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let suffixAt = 0;
  task.rows.forEach((row, i) => {
    const set = task.columns.xattrSet[row]!;
    const body = task.xattrBodies.subarray(task.xattrOffsets[set]!, task.xattrOffsets[set + 1]!);
    const suffixEnd = suffixAt + task.columns.suffixLength[row]!;
    const start = task.columns.address[row]! - task.address;
    const bodyAt = start + writeCore(view, start, task, row, i, body.length);
    bytes.set(body, bodyAt);
    const behind = suffixStart(task.columns, row, bodyAt + body.length);
    bytes.set(task.suffixes.subarray(suffixAt, suffixEnd), behind);
    suffixAt = suffixEnd;
  });
}

/** Writes the inode itself and returns its length. Field by field, since this runs for every inode of an image. */
function writeCore(
  view: DataView,
  at: number,
  task: InodesTask,
  row: number,
  index: number,
  xattrBytes: number,
): number {
  const { columns } = task;
  const compact = isCompact(columns, row, task.epoch);
  const field = COMPACT_INODE.offsets;
  putU16(view, at + field.format, (compact ? 0 : 1) | (layoutOf(columns, row) << 1));
  putU16(view, at + field.xattrCount, xattrCountOf(xattrBytes));
  putU16(view, at + field.mode, columns.mode[row]!);
  if (compact) writeCompact(view, at, columns, row);
  else writeExtended(view, at, columns, row);
  putU32(view, at + field.data, dataOf(columns, row));
  putU32(view, at + field.ino, task.serials[index]!);
  return compact ? COMPACT_INODE.size : EXTENDED_INODE.size;
}

function writeCompact(view: DataView, at: number, columns: InodeColumns, row: number): void {
  const field = COMPACT_INODE.offsets;
  putU16(view, at + field.nlink, columns.nlink[row]!);
  putU32(view, at + field.size, columns.size[row]!);
  putU16(view, at + field.uid, columns.uid[row]!);
  putU16(view, at + field.gid, columns.gid[row]!);
}

function writeExtended(view: DataView, at: number, columns: InodeColumns, row: number): void {
  const field = EXTENDED_INODE.offsets;
  putU64(view, at + field.size, columns.size[row]!);
  putU32(view, at + field.uid, columns.uid[row]!);
  putU32(view, at + field.gid, columns.gid[row]!);
  putI64(view, at + field.mtime, columns.mtime[row]!);
  putU32(view, at + field.mtimeNsec, columns.mtimeNsec[row]!);
  putU32(view, at + field.nlink, columns.nlink[row]!);
}

function layoutOf(columns: InodeColumns, row: number): number {
  if (columns.content[row] === CONTENT_CHUNKED) return LAYOUT_CHUNK_BASED;
  return columns.suffixLength[row]! > 0 ? LAYOUT_FLAT_INLINE : LAYOUT_FLAT_PLAIN;
}

/** `i_u`: a device number, a chunk format, or the first block. */
function dataOf(columns: InodeColumns, row: number): number {
  if (isDevice(columns.mode[row]!)) return columns.device[row]!;
  if (columns.content[row] === CONTENT_CHUNKED) return columns.chunkFormat[row]!;
  const fifoOrEmpty = columns.size[row] === 0;
  return fifoOrEmpty ? NULL_BLOCK : columns.startBlock[row]!;
}
