/** Blocks of content, wherever they are. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import { isCompressed } from '../erofs/compressed-map.ts';
import { LAYOUT_CHUNK_BASED, LAYOUT_FLAT_INLINE } from '../erofs/constants.ts';
import { inodeName } from '../erofs/inode-name.ts';
import { chunkAt } from './chunk-map.ts';
import { decodedBlock } from './decoded.ts';
import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';
import { spaceOf } from './metadata.ts';

export interface ContentBlock {
  readonly bytes: Uint8Array;
  /** Where it is, or undefined where it is compressed. */
  readonly offset: number | undefined;
  /** What the offset counts from, unless that is the image. */
  readonly space: string | undefined;
}

/** The block at `position` of the content, as many of its bytes as there are; undefined where it is nowhere. */
export function contentBlock(
  exam: Examination,
  inode: InodeFields,
  position: number,
): ContentBlock | undefined {
  const { blockSize, end } = exam.frame;
  const length = Math.min(blockSize, inode.size - position);
  if (isCompressed(inode.layout)) {
    const bytes = decodedBlock(exam, inode, position, length);
    return bytes && { bytes, offset: undefined, space: `the content of ${inodeName(inode.nid)}` };
  }
  const isTail = position + blockSize >= inode.size;
  if (inode.layout === LAYOUT_FLAT_INLINE && isTail) return inlineTail(exam, inode, length);
  const offset = addressOf(exam, inode, position);
  if (offset === undefined || offset + length > end) return undefined;
  return { bytes: exam.image.read(offset, length), offset, space: undefined };
}

/** It must not cross a block: the kernel reads one block for it. */
function inlineTail(
  exam: Examination,
  inode: InodeFields,
  length: number,
): ContentBlock | undefined {
  const space = spaceOf(exam, inode.nid)!;
  const { blockSize } = exam.frame;
  const offset = inode.xattrEnd;
  if (offset + length > space.end || (offset % blockSize) + length > blockSize) return undefined;
  return { bytes: space.bytes.read(offset, length), offset, space: space.name };
}

function addressOf(exam: Examination, inode: InodeFields, position: number): number | undefined {
  if (inode.layout !== LAYOUT_CHUNK_BASED) {
    return inode.start === undefined ? undefined : inode.start * exam.frame.blockSize + position;
  }
  const chunk = chunkAt(exam, inode, position);
  return chunk === undefined || chunk.device !== 0 ? undefined : chunk.address;
}
