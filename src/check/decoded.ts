/** Content that has to be decompressed to be looked at. */

import { ContentBytes } from '../erofs/content-bytes.ts';
import { inodeName } from '../erofs/inode-name.ts';
import { attempt, isFailure } from './attempt.ts';
import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';

/** The content that was asked for last: the blocks of one directory are read one after the other. */
const LAST = new WeakMap<Examination, { nid: number; bytes: ContentBytes }>();

/** A block of compressed content, or undefined where it cannot be read. */
export function decodedBlock(
  exam: Examination,
  inode: InodeFields,
  position: number,
  length: number,
): Uint8Array | undefined {
  const { nid } = inode;
  let last = LAST.get(exam);
  if (last?.nid !== nid) {
    const bytes = attempt(() => new ContentBytes(exam.volume, inode.forReader(), inodeName(nid)));
    if (isFailure(bytes)) return undefined;
    last = { nid, bytes };
    LAST.set(exam, last);
  }
  const { bytes } = last;
  const block = attempt(() => bytes.read(position, length));
  return isFailure(block) ? undefined : block;
}
