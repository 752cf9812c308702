/** Writes a stretch of inodes: cores from the columns, attribute bodies, and what is kept behind them. */

import {
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_INLINE,
  LAYOUT_FLAT_PLAIN,
  NULL_BLOCK,
} from '../erofs/constants.ts';
import { COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';
import { xattrCountOf } from '../erofs/xattrs.ts';
import { isCompact } from '../plan/inode-span.ts';
import { isDevice } from '../posix.ts';
import { CONTENT_CHUNKED, type InodeColumns } from '../tree/inodes.ts';
import type { InodesTask } from './protocol.ts';

/** The bytes of the stretch; what no inode covers is zero. */
export function encodeInodes(task: InodesTask): Uint8Array {
  const bytes = new Uint8Array(task.length);
  const view = new DataView(bytes.buffer);
  let suffixAt = 0;
  task.rows.forEach((row, i) => {
    const set = task.columns.xattrSet[row]!;
    const body = task.xattrBodies.subarray(task.xattrOffsets[set]!, task.xattrOffsets[set + 1]!);
    const suffixEnd = suffixAt + task.columns.suffixLength[row]!;
    const start = task.columns.address[row]! - task.address;
    const bodyAt = start + writeCore(view, start, task, row, i, body.length);
    bytes.set(body, bodyAt);
    bytes.set(task.suffixes.subarray(suffixAt, suffixEnd), bodyAt + body.length);
    suffixAt = suffixEnd;
  });
  return bytes;
}

/** Writes the inode itself and returns its length. */
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
  const common = {
    format: (compact ? 0 : 1) | (layoutOf(columns, row) << 1),
    xattrCount: xattrCountOf(xattrBytes),
    mode: columns.mode[row]!,
    size: columns.size[row]!,
    data: dataOf(columns, row),
    ino: task.serials[index]!,
    uid: columns.uid[row]!,
    gid: columns.gid[row]!,
    nlink: columns.nlink[row]!,
  };
  if (compact) COMPACT_INODE.write(view, at, common);
  else {
    const mtime = columns.mtime[row]!;
    EXTENDED_INODE.write(view, at, { ...common, mtime, mtimeNsec: columns.mtimeNsec[row]! });
  }
  return compact ? COMPACT_INODE.size : EXTENDED_INODE.size;
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
