/** What an index says of one logical cluster. Source: Linux fs/erofs/zmap.c (`struct z_erofs_maprecorder`). */

import { inodeName } from './inode-name.ts';
import { imageError } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';

/** `Z_EROFS_LCLUSTER_TYPE_*`: an extent begins in all but NONHEAD. */
export const LCLUSTER_PLAIN = 0;
export const LCLUSTER_HEAD1 = 1;
export const LCLUSTER_NONHEAD = 2;
export const LCLUSTER_HEAD2 = 3;

/** In a distance: it is no distance, but the blocks of the compressed cluster (`Z_EROFS_LI_D0_CBLKCNT`). */
export const BLOCK_COUNT_FLAG = 0x800;

export interface Lcluster {
  readonly type: number;
  /** Byte of it at which an extent begins; the length of a cluster where none does. */
  readonly start: number;
  /** First block of the extent that begins in it. */
  readonly block: number;
  /** Whether that extent takes only the front of what its cluster unpacks to. */
  readonly partial: boolean;
  /** Where no extent begins: clusters back to the head, or to one that knows, and on to the next head; 1 or more. */
  readonly back: number;
  readonly ahead: number;
  /** Blocks of the compressed cluster, where this is told here, else 0. */
  readonly blocks: number;
  /** Byte offset of the record that this came from; in a pack, of its share of that. */
  readonly at: number;
  /** Byte offset behind the record that this came from, where data that is inline follows the last one. */
  readonly end: number;
}

export interface LclusterIndex {
  /** `ahead` is only found out where it is asked for. Throws `E_IMAGE`. */
  load(number: number, wantsAhead: boolean): Lcluster;
}

export function indexError(inode: Inode, problem: string, number: number) {
  const place = `cluster ${number} of ${inodeName(inode.nid)}`;
  return imageError(`the index of a compressed file ${problem}`, place);
}
