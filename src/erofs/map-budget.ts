/** A bound on the maps that are read in one look at all of an image, so that no image takes longer than its size explains. */

import { mapBytes } from './content-map.ts';
import { inodeName } from './inode-name.ts';
import { imageError } from './read-bytes.ts';
import { mostUnpacked } from './read-compression.ts';
import { type Inode, readInode } from './read-inode.ts';
import type { Volume } from './volume.ts';

/**
 * Maps of different inodes have no byte in common. Where they have, an inode of 32 bytes can stand for a map as long as
 * the image, and so can each of the others.
 */
export class MapBudget {
  readonly #volume: Volume;
  #left: number;

  /** Throws `E_IMAGE` where the metabox cannot be found. */
  constructor(volume: Volume) {
    const { length: size } = volume;
    const { blockSize, metaboxNid } = volume.superblock;
    this.#volume = volume;
    this.#left = size;
    if (metaboxNid === undefined) return;
    // It may claim to be of any length.
    this.#left += Math.min(readInode(volume, metaboxNid).size, mostUnpacked(size, blockSize));
  }

  /** To be called once for each inode, before its map is read. Throws `E_IMAGE` where it is one too many. */
  spend(inode: Inode): void {
    this.#left -= mapBytes(this.#volume, inode);
    if (this.#left >= 0) return;
    throw imageError('maps of content are longer in all than the image', inodeName(inode.nid));
  }
}
