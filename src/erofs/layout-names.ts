/** Names of the layouts of inodes, after Linux fs/erofs/erofs_fs.h (`EROFS_INODE_*`). */

/** By the number in bits 1 to 3 of `i_format`. */
export const LAYOUT_NAMES: readonly string[] = [
  'flat-plain',
  'compressed-full',
  'flat-inline',
  'compressed-compact',
  'chunk-based',
];
