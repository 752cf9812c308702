/** Where inodes and what follows them lie: in the image, or in the metadata zone. */

import { FEATURE_INCOMPAT_METABOX } from '../erofs/constants.ts';
import { METABOX_NID } from '../erofs/struct.ts';
import type { Examination } from './examination.ts';
import { InodeFields, inodeSize, SLOT } from './inode-fields.ts';
import type { MetadataSpace } from './metadata-space.ts';

/** The space that an inode's number refers to, or undefined where the image has no such space. */
export function spaceOf(exam: Examination, nid: number): MetadataSpace | undefined {
  if (nid < METABOX_NID) return exam.space;
  const isKnown = (exam.frame.featureIncompat & FEATURE_INCOMPAT_METABOX) !== 0;
  return isKnown ? exam.metabox() : undefined;
}

/** Byte offset of an inode in its space. */
export function inodeOffset(exam: Examination, nid: number): number {
  return nid < METABOX_NID ? exam.frame.metaOffset + nid * SLOT : (nid - METABOX_NID) * SLOT;
}

/** Why there are no fields. */
export type NoFields = 'outside' | 'cut-off';

/** Fields of an inode; `nid` may be anything that a field can hold. */
export function inodeFields(exam: Examination, nid: number): InodeFields | NoFields {
  if (!Number.isSafeInteger(nid)) return 'outside';
  const space = spaceOf(exam, nid);
  const offset = inodeOffset(exam, nid);
  if (space === undefined || offset + SLOT > space.end) return 'outside';
  const bytes = space.bytes.read(offset, 2 * SLOT);
  if (bytes.length < SLOT) return 'cut-off';
  const length = inodeSize(bytes[0]!);
  if (bytes.length < length || offset + length > space.end) return 'cut-off';
  return new InodeFields(exam.viewOfInode(bytes), 0, nid, offset);
}
