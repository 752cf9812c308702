/** What inodes are called in messages. */

import { METABOX_NID } from './struct.ts';

/** An inode's number within the image or within the metabox, as it is stored. */
export function nidInSpace(nid: number): number {
  if (nid < METABOX_NID) return nid;
  // What no image can have has twice as much added, see `getNid`.
  return Number.isSafeInteger(nid) ? nid - METABOX_NID : nid - 2 * METABOX_NID;
}

/** `inode 7`, or `inode 7 of the metabox`. */
export function inodeName(nid: number): string {
  const inMetabox = nid >= METABOX_NID && Number.isSafeInteger(nid);
  return `inode ${nidInSpace(nid)}${inMetabox ? ' of the metabox' : ''}`;
}
