/** Content that lies in one piece, with or without a tail behind its inode. Source: Linux fs/erofs/data.c. */

import { LAYOUT_FLAT_INLINE } from './constants.ts';
import type { ContentMap, Extent, MappedExtent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import { imageError } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import type { Volume } from './volume.ts';

export class FlatMap implements ContentMap {
  readonly #blocks: Extent;
  readonly #tail: MappedExtent;

  /** Throws `E_IMAGE` where the tail crosses a block. */
  constructor({ superblock: { blockSize } }: Volume, inode: Inode) {
    const { data, size, xattrEnd, inMetabox } = inode;
    const inline = inode.layout === LAYOUT_FLAT_INLINE;
    const blocks = Math.ceil(size / blockSize) - (inline ? 1 : 0);
    const length = Math.min(blocks * blockSize, size);
    const offset = data === undefined ? undefined : data * blockSize;
    this.#blocks = { position: 0, length, device: 0, offset };
    const where = inMetabox ? ({ inside: 'metabox' } as const) : ({ isMetadata: true } as const);
    const tail = { position: length, length: size - length, device: 0, offset: xattrEnd };
    this.#tail = { ...tail, ...where };
    if (inline && (xattrEnd % blockSize) + tail.length > blockSize) {
      throw imageError('inline content crosses a block boundary', inodeName(inode.nid));
    }
  }

  at(position: number): MappedExtent {
    return position < this.#blocks.length ? this.#blocks : this.#tail;
  }
}
