/** The path of an inode by the first name that led to it, read again from the image. */

import { printable } from '../bytes.ts';
import { DIRENT } from '../erofs/records.ts';
import { NAME_MAX } from '../posix.ts';
import { endOfName } from './check-directory.ts';
import { contentBlock } from './content-block.ts';
import type { Examination } from './examination.ts';
import { NO_PARENT } from './inode-table.ts';
import { inodeFields } from './metadata.ts';

/** Longer paths lose their beginning; it also bounds the time for images with endless depths. */
const LONGEST_PATH = 4096;

/** `/` for the root; without a name, such as for the packed inode, something that is no path. */
export function pathOf(exam: Examination, index: number): string {
  const { inodes, frame } = exam;
  const names: string[] = [];
  let length = 0;
  let at = index;
  for (; inodes.parent(at) !== NO_PARENT; at = inodes.parent(at)) {
    const name = nameAt(exam, inodes.parent(at), inodes.position(at));
    length += name.length + 1;
    if (length > LONGEST_PATH) return `…/${names.reverse().join('/')}`;
    names.push(name);
  }
  const nid = inodes.nid(at);
  if (nid === frame.rootNid) return `/${names.reverse().join('/')}`;
  if (nid === frame.packedNid) return '(packed)';
  return nid === frame.metaboxNid ? '(metabox)' : '(no name)';
}

function nameAt(exam: Examination, directory: number, position: number): string {
  const fields = inodeFields(exam, exam.inodes.nid(directory));
  if (typeof fields === 'string') return '?';
  const { blockSize } = exam.frame;
  const at = position % blockSize;
  const bytes = contentBlock(exam, fields, position - at)?.bytes;
  if (bytes === undefined || bytes.length < at + DIRENT.size) return '?';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsetAt = at + DIRENT.offsets.nameOffset;
  const start = view.getUint16(offsetAt, true);
  const isLast = at + DIRENT.size === view.getUint16(DIRENT.offsets.nameOffset, true);
  const end = isLast ? endOfName(bytes, start) : view.getUint16(offsetAt + DIRENT.size, true);
  const isName = start < end && end - start <= NAME_MAX && end <= bytes.length;
  return isName ? printable(bytes.subarray(start, end)) : '?';
}
