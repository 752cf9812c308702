/** What each inode's metadata takes, and what can be said of it without its content. */

import { EROFS_SUPER_OFFSET, LAYOUT_CHUNK_BASED, LAYOUT_FLAT_INLINE } from '../erofs/constants.ts';
import { endOfMap } from './check-compressed.ts';
import { hasContent, inlineStart } from './check-content.ts';
import { kindOf, reportInode, SYMLINK } from './check-inode.ts';
import { XattrCheck } from './check-xattrs.ts';
import { chunkMap } from './chunk-map.ts';
import { contentBlock } from './content-block.ts';
import { type Examination, OWNERS } from './examination.ts';
import { type InodeFields, isCompressed } from './inode-fields.ts';
import { UNREADABLE } from './inode-table.ts';
import { inodeFields, spaceOf } from './metadata.ts';

/** Inodes between two chances for others to run. */
const INODES_A_TURN = 4096;
/** Linux reads a target into one page, with a NUL behind it. */
const LONGEST_TARGET = 4095;

/** All readable inodes in the order of their places. */
export function* eachInode(
  exam: Examination,
  visit: (inode: InodeFields, index: number) => void,
): Generator<void> {
  const { inodes } = exam;
  let count = 0;
  for (const nid of inodes.sortedNids()) {
    const index = inodes.find(nid);
    if (inodes.kind(index) === UNREADABLE) continue;
    const fields = inodeFields(exam, nid);
    if (typeof fields === 'string') continue;
    visit(fields, index);
    if (++count % INODES_A_TURN === 0) yield;
  }
}

/** Takes down the place of all metadata, and checks attributes and targets of links. */
export function* measureInodes(exam: Examination): Generator<void> {
  const { frame, space } = exam;
  const head = Math.min(EROFS_SUPER_OFFSET + frame.superblockSize, frame.end);
  space.taken.add(0, head, OWNERS.superblock);
  const xattrs = new XattrCheck(exam);
  yield* eachInode(exam, (inode, index) => {
    const { taken, end } = spaceOf(exam, inode.nid)!;
    // A map that goes on behind the end is a fault of its own, and no place of all that is before it.
    const last = endOfInode(exam, inode);
    taken.add(inode.offset, last > end ? inode.xattrEnd : last, index);
    xattrs.check(inode, index);
    if (kindOf(inode) === SYMLINK) checkTarget(exam, inode, index);
  });
}

/** Where the inode's attributes, inline tail or map end. */
function endOfInode(exam: Examination, inode: InodeFields): number {
  const { xattrEnd, layout, size } = inode;
  const { blockSize } = exam.frame;
  if (size === 0 || !hasContent(kindOf(inode))) return xattrEnd;
  if (isCompressed(layout)) return endOfMap(exam, inode) ?? xattrEnd;
  if (layout === LAYOUT_FLAT_INLINE) {
    const tail = size - inlineStart(size, blockSize);
    return xattrEnd + tail;
  }
  if (layout !== LAYOUT_CHUNK_BASED) return xattrEnd;
  const { start, count, unit } = chunkMap(exam.frame, inode);
  return start + count * unit;
}

function checkTarget(exam: Examination, inode: InodeFields, index: number): void {
  const { size } = inode;
  if (size === 0 || size > LONGEST_TARGET) {
    reportInode(exam, inode, index, 'link-target', 'size', `a target of ${size} bytes`);
    return;
  }
  for (let position = 0; position < size; position += exam.frame.blockSize) {
    const block = contentBlock(exam, inode, position);
    const nul = block?.bytes.indexOf(0) ?? -1;
    if (nul < 0) continue;
    reportInode(
      exam,
      inode,
      index,
      'link-target',
      'size',
      `a NUL at byte ${position + nul} of the target`,
    );
    return;
  }
}
