/** Where the content of inodes lies. Source: Linux fs/erofs/data.c (`erofs_map_blocks`, `erofs_map_dev`). */

import {
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_INLINE,
  NULL_BLOCK,
  NULL_BLOCK_48,
} from '../erofs/constants.ts';
import { DIRECTORY, kindOf, REGULAR, reportInode, SYMLINK } from './check-inode.ts';
import { type ChunkMap, chunkBlock, chunkMap, deviceOf, storedDevice } from './chunk-map.ts';
import type { ContentRanges } from './content-ranges.ts';
import type { Examination } from './examination.ts';
import { type InodeFields, isCompressed } from './inode-fields.ts';
import { spaceOf } from './metadata.ts';

const TWO_32 = 2 ** 32;
/** Bytes of a map that are looked at in one go. */
const MAP_PIECE = 32 * 1024;

/** Whether an inode of this kind has content. */
export function hasContent(kind: number): boolean {
  return kind === REGULAR || kind === DIRECTORY || kind === SYMLINK;
}

/** Checks every range of an inode's content. */
export function checkContent(
  exam: Examination,
  ranges: ContentRanges,
  inode: InodeFields,
  index: number,
): void {
  if (inode.size === 0 || !hasContent(kindOf(inode)) || isCompressed(inode.layout)) return;
  if (inode.layout === LAYOUT_CHUNK_BASED) checkChunks(exam, ranges, inode, index);
  else checkFlat(exam, ranges, inode, index);
}

function checkFlat(
  exam: Examination,
  ranges: ContentRanges,
  inode: InodeFields,
  index: number,
): void {
  const { blockSize } = exam.frame;
  const isInline = inode.layout === LAYOUT_FLAT_INLINE;
  const length = isInline ? inlineStart(inode.size, blockSize) : inode.size;
  if (isInline) {
    const from = inode.xattrEnd % blockSize;
    const tail = inode.size - length;
    if (from + tail > blockSize) {
      reportInode(
        exam,
        inode,
        index,
        'inline-tail',
        'size',
        `${tail} bytes at byte ${from} of a block`,
      );
    }
  }
  const block = inode.data + inode.dataHigh * TWO_32;
  if (length === 0 || (!isInline && isNull(inode, block))) return;
  const range = { device: 0, start: block * blockSize, length };
  const problem = ranges.addExclusive(range, index);
  if (problem !== undefined)
    reportInode(exam, inode, index, problem.fault, 'data', problem.message);
}

/** Bytes before the inline tail. */
export function inlineStart(size: number, blockSize: number): number {
  return size === 0 ? 0 : (Math.ceil(size / blockSize) - 1) * blockSize;
}

/** The address of a file that is one hole. */
function isNull({ extended, dataHigh }: InodeFields, block: number): boolean {
  return block === (extended || dataHigh > 0 ? NULL_BLOCK_48 : NULL_BLOCK);
}

function checkChunks(
  exam: Examination,
  ranges: ContentRanges,
  inode: InodeFields,
  index: number,
): void {
  const map = chunkMap(exam.frame, inode);
  const space = spaceOf(exam, inode.nid)!;
  const bytes = map.count * map.unit;
  if (map.start + bytes > space.end || !exam.take('maps', bytes)) {
    const message = `a map of ${bytes} bytes for ${inode.size} bytes of content`;
    exam.findings.add('chunk-map', { inode: index, offset: map.start, space: space.name }, message);
    return;
  }
  for (let done = 0; done < bytes; done += MAP_PIECE) {
    const length = Math.min(MAP_PIECE, bytes - done);
    // A copy: ranges are compared with what is there, which may move the window that the piece is in.
    const piece = space.bytes.read(map.start + done, length).slice();
    checkPiece(exam, ranges, inode, {
      map,
      index,
      piece,
      first: done / map.unit,
      space: space.name,
    });
  }
}

function checkPiece(
  exam: Examination,
  ranges: ContentRanges,
  inode: InodeFields,
  at: { map: ChunkMap; index: number; piece: Uint8Array; first: number; space: string | undefined },
): void {
  const { map, index, piece, first, space } = at;
  const { blockSize, devices } = exam.frame;
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  for (let entry = 0; entry < piece.length; entry += map.unit) {
    const block = chunkBlock(view, entry, map);
    if (block === undefined) continue;
    const number = first + entry / map.unit;
    const length = Math.min(map.chunkSize, inode.size - number * map.chunkSize);
    const stored = storedDevice(view, entry, map);
    const device = deviceOf(stored, devices.length);
    const problem = ranges.addShared({ device, start: block * blockSize, length });
    if (problem === undefined && device === stored) continue;
    const fault = problem?.fault ?? 'chunk-device-bits';
    const text = problem?.message ?? `device ${stored}, of which only the low bits count`;
    const place = { inode: index, offset: map.start + number * map.unit, space };
    exam.findings.add(fault, place, `chunk ${number}: ${text}`);
  }
}
