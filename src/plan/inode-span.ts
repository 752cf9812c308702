/** How many bytes an inode takes. Sizing and writing both ask here. */

import { COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';
import type { InodeColumns } from '../tree/inodes.ts';

/** Largest value of the 16-bit fields of a compact inode. */
const MAX_U16 = 0xffff;
const MAX_U32 = 0xffffffff;

/** Whether the short form can hold the inode: small ids and size, and the image's own time. */
export function isCompact(columns: InodeColumns, row: number, epoch: number): boolean {
  return (
    columns.mtime[row] === epoch &&
    columns.mtimeNsec[row] === 0 &&
    columns.size[row]! <= MAX_U32 &&
    columns.uid[row]! <= MAX_U16 &&
    columns.gid[row]! <= MAX_U16 &&
    columns.nlink[row]! <= MAX_U16
  );
}

/** Bytes of inode, attributes and what is kept behind them. */
export function inodeSpan(
  columns: InodeColumns,
  row: number,
  epoch: number,
  xattrOffsets: Uint32Array,
): number {
  const core = isCompact(columns, row, epoch) ? COMPACT_INODE.size : EXTENDED_INODE.size;
  const set = columns.xattrSet[row]!;
  return core + xattrOffsets[set + 1]! - xattrOffsets[set]! + columns.suffixLength[row]!;
}
