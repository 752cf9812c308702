/** The content of an inode, from wherever its extents lie. Source: Linux fs/erofs/data.c and zdata.c. */

import { isRegular } from '../posix.ts';
import { readRaw } from './content-bytes.ts';
import { extentsOf } from './content-map.ts';
import type { Extent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import { imageError } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { isPacked, type PackedExtent, unpack } from './unpack.ts';
import type { Volume } from './volume.ts';

/** A piece of content, in order: bytes, or the length of a hole. */
export type Piece =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'hole'; readonly length: number };

/** Bytes of content handed out at a time: large enough to hash well, small enough to forget. */
const PIECE_SIZE = 1 << 20;

/** The content in order and in pieces of at most 1 MiB; holes come whole. */
export function* piecesOf(volume: Volume, inode: Inode): Generator<Piece> {
  // What a file has is there to be read, as often as files share it; directories and links are looked at.
  const counts = !isRegular(inode.mode);
  const unpacked = new Unpacked(volume, inode, counts);
  for (const extent of extentsOf(volume, inode)) {
    const { length, offset } = extent;
    if (offset === undefined) {
      yield { kind: 'hole', length };
      continue;
    }
    const whole = isPacked(extent) ? unpacked.read(extent) : undefined;
    for (let done = 0; done < length; ) {
      const size = Math.min(PIECE_SIZE, length - done);
      const bytes =
        whole?.subarray(done, done + size) ??
        readRaw(volume, { ...extent, offset: offset + done }, size, counts);
      yield { kind: 'data', bytes };
      done += bytes.length;
    }
  }
}

/** One cluster after the other, in memory that is used again. */
class Unpacked {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #counts: boolean;
  #target = new Uint8Array(0);

  constructor(volume: Volume, inode: Inode, counts: boolean) {
    this.#volume = volume;
    this.#inode = inode;
    this.#counts = counts;
  }

  read(extent: PackedExtent): Uint8Array {
    if (this.#target.length < extent.length) this.#target = new Uint8Array(extent.length);
    const target = this.#target.subarray(0, extent.length);
    if (this.#counts) this.#volume.unpacking?.spend(extent, inodeName(this.#inode.nid));
    unpack(this.#volume, this.#inode, extent, target);
    return target;
  }
}

/** All of a content of at most `limit` bytes, in its own memory. */
export function readContent(volume: Volume, inode: Inode, limit: number): Uint8Array {
  if (inode.size > limit) {
    throw imageError(`${inode.size} bytes are more than can be read at once`, inodeName(inode.nid));
  }
  for (const extent of extentsOf(volume, inode)) checkEnd(volume, extent);
  const content = new Uint8Array(inode.size);
  let at = 0;
  for (const piece of piecesOf(volume, inode)) {
    if (piece.kind === 'data') content.set(piece.bytes, at);
    at += piece.kind === 'data' ? piece.bytes.length : piece.length;
  }
  return content;
}

/** The image may claim more than there is of it: look before memory is taken. */
function checkEnd(volume: Volume, extent: Extent): void {
  const { offset, compressed, length, inside } = extent;
  if (offset === undefined || inside !== undefined) return;
  readRaw(volume, { ...extent, offset: offset + (compressed?.length ?? length) - 1 }, 1);
}
