/** Where a file's bytes go: the one rule that tells whole blocks from a tail kept beside the inode. */

import { COMPACT_INODE, EXTENDED_INODE } from '../erofs/records.ts';

/** Room an inode may need before its tail; which of its two forms it gets is known only later. */
const LARGEST_CORE = Math.max(COMPACT_INODE.size, EXTENDED_INODE.size);

/** How the bytes of a file, a directory or a symbolic link are split. */
export interface ContentSplit {
  /** Bytes that fill blocks of their own; the rest, if any, is the tail. */
  readonly blockBytes: number;
  /** Bytes kept right behind the inode; 0 where there are none, or where they do not fit there. */
  readonly inlineBytes: number;
  /** Blocks used, a padded last one included. */
  readonly blocks: number;
}

/**
 * Splits `size` bytes for an inode whose attributes take `xattrBytes`. The tail stays inline where `mayInline` and
 * inode, attributes and tail fit one block, since inline data must not cross one (Linux fs/erofs/data.c,
 * `erofs_map_blocks`).
 */
export function splitContent(
  size: number,
  xattrBytes: number,
  blockSize: number,
  mayInline: boolean,
): ContentSplit {
  const tail = size % blockSize;
  if (mayInline && tail > 0 && LARGEST_CORE + xattrBytes + tail <= blockSize) {
    return { blockBytes: size - tail, inlineBytes: tail, blocks: (size - tail) / blockSize };
  }
  return { blockBytes: size, inlineBytes: 0, blocks: Math.ceil(size / blockSize) };
}
