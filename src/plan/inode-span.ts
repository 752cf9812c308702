/** How many bytes an inode takes. Sizing and writing both ask here. */

import { roundUp } from '../bytes.ts';
import { CHUNK_FORMAT_INDEXES } from '../erofs/constants.ts';
import { CHUNK_INDEX, COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';
import { CONTENT_CHUNKED, type InodeColumns } from '../tree/inodes.ts';

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

/**
 * Where that begins which is kept behind an inode and its attributes, which end at `end`. A map of 8-byte indexes is
 * aligned to them (Linux fs/erofs/data.c, `erofs_map_blocks`); all else follows at once.
 */
export function suffixStart(columns: InodeColumns, row: number, end: number): number {
  return isIndexed(columns, row) ? roundUp(end, CHUNK_INDEX.size) : end;
}

/** Whether inline data is behind the inode, which must not cross a block (Linux fs/erofs/data.c, `erofs_map_blocks`). */
export function hasInlineTail(columns: InodeColumns, row: number): boolean {
  return columns.content[row] !== CONTENT_CHUNKED && columns.suffixLength[row]! > 0;
}

function isIndexed(columns: InodeColumns, row: number): boolean {
  const indexed = (columns.chunkFormat[row]! & CHUNK_FORMAT_INDEXES) !== 0;
  return indexed && columns.content[row] === CONTENT_CHUNKED;
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
  const xattrsEnd = core + xattrOffsets[set + 1]! - xattrOffsets[set]!;
  return suffixStart(columns, row, xattrsEnd) + columns.suffixLength[row]!;
}
