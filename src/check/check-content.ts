/** Where the content of inodes lies. Source: Linux fs/erofs/data.c (`erofs_map_blocks`, `erofs_map_dev`). */

import {
  type ChunkEntries,
  chunkBlock,
  chunkEntries,
  storedDevice,
} from '../erofs/chunk-entries.ts';
import { LAYOUT_FLAT_INLINE } from '../erofs/constants.ts';
import { chunkDevice } from '../erofs/placed-devices.ts';
import { DIRECTORY, REGULAR, reportInode, SYMLINK } from './check-inode.ts';
import type { ContentRanges } from './content-ranges.ts';
import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';
import { inodeFields, spaceOf } from './metadata.ts';

/** Bytes of a map that are looked at in one go. */
const MAP_PIECE = 32 * 1024;

/** Ranges between two chances for others to run. */
const SPANS_A_TURN = 65_536;

/** Whether an inode of this kind has content. */
export function hasContent(kind: number): boolean {
  return kind === REGULAR || kind === DIRECTORY || kind === SYMLINK;
}

/** Where flat content is said to be, without its inline tail; undefined where it is nowhere. */
export function flatContent(
  inode: InodeFields,
  blockSize: number,
): { readonly start: number; readonly length: number } | undefined {
  const isInline = inode.layout === LAYOUT_FLAT_INLINE;
  const length = isInline ? inlineStart(inode.size, blockSize) : inode.size;
  const { start: block } = inode;
  if (length === 0 || block === undefined) return undefined;
  return { start: block * blockSize, length };
}

/** Compares all flat content with what there is. */
export function* checkFlat(exam: Examination, ranges: ContentRanges): Generator<void> {
  const { flat, inodes } = exam;
  for (let span = 0; span < flat.count; span++) {
    const start = flat.start(span);
    const index = flat.owner(span);
    const problem = ranges.addExclusive(
      { device: 0, start, length: flat.end(span) - start },
      index,
    );
    if (span % SPANS_A_TURN === 0) yield;
    if (problem === undefined) continue;
    const inode = inodeFields(exam, inodes.nid(index));
    if (typeof inode === 'string') continue;
    reportInode(exam, inode, index, problem.fault, 'data', problem.message);
  }
}

/** Bytes before the inline tail. */
export function inlineStart(size: number, blockSize: number): number {
  return size === 0 ? 0 : (Math.ceil(size / blockSize) - 1) * blockSize;
}

/** Compares the content of a chunk-based inode with what there is. */
export function checkChunks(
  exam: Examination,
  ranges: ContentRanges,
  inode: InodeFields,
  index: number,
): void {
  const map = chunkEntries(exam.frame.blockSize, inode);
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
  at: {
    map: ChunkEntries;
    index: number;
    piece: Uint8Array;
    first: number;
    space: string | undefined;
  },
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
    const device = chunkDevice(stored, devices.length);
    const problem = ranges.addShared({ device, start: block * blockSize, length });
    if (problem === undefined && device === stored) continue;
    const fault = problem?.fault ?? 'chunk-device-bits';
    const text = problem?.message ?? `device ${stored}, of which only the low bits count`;
    const place = { inode: index, offset: map.start + number * map.unit, space };
    exam.findings.add(fault, place, `chunk ${number}: ${text}`);
  }
}
