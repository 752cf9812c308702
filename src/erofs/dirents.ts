/**
 * How a directory's entries, in byte order of their names, fall into blocks.
 * Sizing and packing both ask here. Source: Linux fs/erofs/dir.c and namei.c (a block's entries are searched by bisection).
 */

import { DIRENT_SIZE } from './constants.ts';

/** Where the entries of one directory lie. */
export interface DirentSplit {
  /** Entries in each block. */
  readonly counts: Uint16Array;
  /** `i_size` of the directory: full blocks, then the used bytes of the last one. */
  readonly size: number;
}

/** Splits entries with names of `nameLengths` bytes into blocks; an entry never crosses a block. */
export function splitDirents(nameLengths: Uint8Array, blockSize: number): DirentSplit {
  const counts: number[] = [];
  let used = 0;
  let count = 0;
  for (const length of nameLengths) {
    const cost = DIRENT_SIZE + length;
    if (used + cost > blockSize) {
      counts.push(count);
      used = 0;
      count = 0;
    }
    used += cost;
    count++;
  }
  if (count > 0) counts.push(count);
  const size = counts.length === 0 ? 0 : (counts.length - 1) * blockSize + used;
  return { counts: Uint16Array.from(counts), size };
}
