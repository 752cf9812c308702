/**
 * Takes inodes in: each is read once, checked by itself, and taken down with what its metadata takes and where its
 * content is said to be. Metadata may be spread over the whole image, so a second look costs as much as the first.
 */

import { chunkEntries } from '../erofs/chunk-entries.ts';
import { isCompressed } from '../erofs/compressed-map.ts';
import { EROFS_SUPER_OFFSET, LAYOUT_CHUNK_BASED, LAYOUT_FLAT_INLINE } from '../erofs/constants.ts';
import { endOfMap } from './check-compressed.ts';
import { flatContent, hasContent, inlineStart } from './check-content.ts';
import { checkInode, isReadable, kindOf, reportInode, SYMLINK } from './check-inode.ts';
import { XattrCheck } from './check-xattrs.ts';
import { contentBlock } from './content-block.ts';
import { type Examination, OWNERS } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';
import { UNREADABLE } from './inode-table.ts';
import { inodeFields, spaceOf } from './metadata.ts';

/** Linux reads a target into one page, with a NUL behind it. */
const LONGEST_TARGET = 4095;

export class InodeIntake {
  readonly #exam: Examination;
  readonly #xattrs: XattrCheck;

  /** For an image of which nothing but the superblock has been looked at. */
  constructor(exam: Examination) {
    const { frame, space } = exam;
    this.#exam = exam;
    this.#xattrs = new XattrCheck(exam);
    const head = Math.min(EROFS_SUPER_OFFSET + frame.superblockSize, frame.end);
    space.taken.add(0, head, OWNERS.superblock);
  }

  /**
   * The index of an inode, or undefined where there is none with that number. `position` is that of the name that leads
   * to it, in the content of directory `parent`.
   */
  enter(nid: number, parent: number, position: number): number | undefined {
    const { inodes } = this.#exam;
    const known = inodes.find(nid);
    if (known >= 0) return known;
    const fields = inodeFields(this.#exam, nid);
    if (typeof fields === 'string') return undefined;
    const kind = isReadable(this.#exam, fields) ? kindOf(fields) : UNREADABLE;
    const index = inodes.add(nid, kind, parent, position);
    inodes.setClaim(index, fields.nlink);
    checkInode(this.#exam, fields, index);
    if (kind !== UNREADABLE) this.#takeDown(fields, index);
    return index;
  }

  #takeDown(inode: InodeFields, index: number): void {
    const exam = this.#exam;
    const { taken, end } = spaceOf(exam, inode.nid)!;
    // A map that goes on behind the end is a fault of its own, and no place of all that is before it.
    const last = endOfInode(exam, inode);
    taken.add(inode.offset, last > end ? inode.xattrEnd : last, index);
    this.#xattrs.check(inode, index);
    const kind = kindOf(inode);
    if (kind === SYMLINK) checkTarget(exam, inode, index);
    if (inode.size === 0 || !hasContent(kind)) return;
    if (isCompressed(inode.layout) || inode.layout === LAYOUT_CHUNK_BASED) {
      exam.mapped.push(inode.nid);
      return;
    }
    checkTail(exam, inode, index);
    const content = flatContent(inode, exam.frame.blockSize);
    if (content !== undefined) this.#takeFlat(inode, index, content);
  }

  #takeFlat(inode: InodeFields, index: number, content: { start: number; length: number }): void {
    const end = content.start + content.length;
    if (Number.isSafeInteger(end)) {
      this.#exam.flat.add(content.start, end, index);
      return;
    }
    // Beyond what a double tells apart, and beyond any image.
    const message = `content up to byte ${end} of ${this.#exam.frame.size}`;
    reportInode(this.#exam, inode, index, 'content-outside', 'data', message);
  }
}

/** Where the inode's attributes, inline tail or map end. */
function endOfInode(exam: Examination, inode: InodeFields): number {
  const { xattrEnd, layout, size } = inode;
  if (size === 0 || !hasContent(kindOf(inode))) return xattrEnd;
  if (isCompressed(layout)) return endOfMap(exam, inode) ?? xattrEnd;
  if (layout === LAYOUT_FLAT_INLINE)
    return xattrEnd + size - inlineStart(size, exam.frame.blockSize);
  if (layout !== LAYOUT_CHUNK_BASED) return xattrEnd;
  const { start, count, unit } = chunkEntries(exam.frame.blockSize, inode);
  return start + count * unit;
}

function checkTail(exam: Examination, inode: InodeFields, index: number): void {
  if (inode.layout !== LAYOUT_FLAT_INLINE) return;
  const { blockSize } = exam.frame;
  const from = inode.xattrEnd % blockSize;
  const tail = inode.size - inlineStart(inode.size, blockSize);
  if (from + tail <= blockSize) return;
  const message = `${tail} bytes at byte ${from} of a block`;
  reportInode(exam, inode, index, 'inline-tail', 'size', message);
}

function checkTarget(exam: Examination, inode: InodeFields, index: number): void {
  const { size } = inode;
  if (size === 0 || size > LONGEST_TARGET) {
    reportInode(exam, inode, index, 'link-target', 'size', `a target of ${size} bytes`);
    return;
  }
  for (let position = 0; position < size; position += exam.frame.blockSize) {
    const nul = contentBlock(exam, inode, position)?.bytes.indexOf(0) ?? -1;
    if (nul < 0) continue;
    const message = `a NUL at byte ${position + nul} of the target`;
    reportInode(exam, inode, index, 'link-target', 'size', message);
    return;
  }
}
