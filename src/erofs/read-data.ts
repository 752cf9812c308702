/** Where an inode's content lies, and the content itself. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import { roundUp } from '../bytes.ts';
import {
  BLOCK_MAP_ENTRY_SIZE,
  CHUNK_BITS_MASK,
  CHUNK_FORMAT_INDEXES,
  LAYOUT_CHUNK_BASED,
  LAYOUT_FLAT_INLINE,
  NULL_BLOCK,
} from './constants.ts';
import { type ImageBytes, imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import type { Superblock } from './read-superblock.ts';
import { CHUNK_INDEX } from './records.ts';
import { placeOf, type Volume } from './volume.ts';

/** A range of the content and where it is; a hole is nowhere and reads as zeros. */
export interface Extent {
  /** Byte offset in the content. */
  readonly position: number;
  readonly length: number;
  /** 0 for the image itself, else the number of the device. */
  readonly device: number;
  /** Byte offset there, or undefined for a hole. */
  readonly offset: number | undefined;
}

/** A piece of content, in order: bytes, or the length of a hole. */
export type Piece =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'hole'; readonly length: number };

/** Bytes of content handed out at a time: large enough to hash well, small enough to forget. */
const PIECE_SIZE = 1 << 20;
const CHUNK_FORMAT_BITS = CHUNK_BITS_MASK | CHUNK_FORMAT_INDEXES;

/** The extents of an inode's content in order, without gaps. Throws `E_IMAGE` where one lies outside. */
export function* extentsOf(
  image: ImageBytes,
  superblock: Superblock,
  inode: Inode,
): Generator<Extent> {
  if (inode.size === 0) return;
  const extents =
    inode.layout === LAYOUT_CHUNK_BASED
      ? chunkExtents(image, superblock, inode)
      : flatExtents(superblock, inode);
  for (const extent of extents) {
    const { length, device, offset } = extent;
    if (offset === undefined) yield extent;
    else {
      const place = placeOf(superblock, { device, offset }, length, `inode ${inode.nid}`);
      yield { ...extent, ...place };
    }
  }
}

function* flatExtents(superblock: Superblock, inode: Inode): Generator<Extent> {
  const { blockSize } = superblock;
  const inline = inode.layout === LAYOUT_FLAT_INLINE;
  const blocks = Math.ceil(inode.size / blockSize) - (inline ? 1 : 0);
  const length = Math.min(blocks * blockSize, inode.size);
  if (length > 0) yield { position: 0, length, device: 0, offset: inode.data * blockSize };
  if (!inline) return;
  const tail = inode.size - length;
  if ((inode.xattrEnd % blockSize) + tail > blockSize) {
    throw imageError('inline content crosses a block boundary', `inode ${inode.nid}`);
  }
  yield { position: length, length: tail, device: 0, offset: inode.xattrEnd };
}

function* chunkExtents(image: ImageBytes, superblock: Superblock, inode: Inode): Generator<Extent> {
  const format = inode.data & 0xffff;
  if ((format & ~CHUNK_FORMAT_BITS) !== 0) {
    const text = `0x${format.toString(16)}`;
    throw imageError(`an unsupported chunk format: ${text}`, `inode ${inode.nid}`);
  }
  const chunkSize = superblock.blockSize * 2 ** (format & CHUNK_BITS_MASK);
  for (let position = 0, index = 0; position < inode.size; position += chunkSize, index++) {
    const { device, block } = chunkBlock(image, superblock, inode, index);
    const length = Math.min(chunkSize, inode.size - position);
    const offset = block === NULL_BLOCK ? undefined : block * superblock.blockSize;
    yield { position, length, device, offset };
  }
}

/** The first block of a chunk and the device it is on, from either form of map. */
function chunkBlock(
  image: ImageBytes,
  superblock: Superblock,
  inode: Inode,
  index: number,
): { device: number; block: number } {
  const indexed = (inode.data & CHUNK_FORMAT_INDEXES) !== 0;
  const unit = indexed ? CHUNK_INDEX.size : BLOCK_MAP_ENTRY_SIZE;
  const at = roundUp(inode.xattrEnd, unit) + index * unit;
  const place = `chunk ${index} of inode ${inode.nid}`;
  if (at + unit > superblock.size) throw imageError('a chunk map lies outside the image', place);
  const view = viewOf(readExactly(image, at, unit, 'a chunk map'));
  if (!indexed) return { device: 0, block: view.getUint32(0, true) };
  const { startBlock, deviceId } = CHUNK_INDEX.read(view, 0);
  return { device: deviceId, block: startBlock };
}

/** The content in order and in pieces of at most 1 MiB; holes come whole. */
export function* piecesOf(volume: Volume, inode: Inode): Generator<Piece> {
  for (const { length, device, offset } of extentsOf(volume.image, volume.superblock, inode)) {
    if (offset === undefined) {
      yield { kind: 'hole', length };
      continue;
    }
    for (let done = 0; done < length; done += PIECE_SIZE) {
      const size = Math.min(PIECE_SIZE, length - done);
      const place = { device, offset: offset + done };
      yield { kind: 'data', bytes: volume.read(place, size, 'content') };
    }
  }
}

/** All of a content of at most `limit` bytes, in its own memory. */
export function readContent(volume: Volume, inode: Inode, limit: number): Uint8Array {
  if (inode.size > limit) {
    throw imageError(`${inode.size} bytes are more than can be read at once`, `inode ${inode.nid}`);
  }
  for (const { device, offset, length } of extentsOf(volume.image, volume.superblock, inode)) {
    if (offset === undefined) continue;
    // The image may claim more than there is of it: look before memory is taken.
    volume.read({ device, offset: offset + length - 1 }, 1, 'content');
  }
  const content = new Uint8Array(inode.size);
  let at = 0;
  for (const piece of piecesOf(volume, inode)) {
    if (piece.kind === 'data') content.set(piece.bytes, at);
    at += piece.kind === 'data' ? piece.bytes.length : piece.length;
  }
  return content;
}
