/** A bound on what is unpacked to look at an image, so that none takes longer than its size explains. */

import type { CompressedCluster, Extent } from './extent.ts';
import { imageError } from './read-bytes.ts';
import { mostUnpacked } from './read-compression.ts';

/**
 * How often a cluster may be read again, since few of them are kept. A walk over 139,000 names that mkfs.erofs laid out,
 * in clusters of 1 MiB, has each read 1.2 times.
 */
const TURNS = 64;
/** What is allowed for an image of any size. */
const ALWAYS = 64 * 1024 * 1024;

type Spent = Pick<Extent, 'length'> & { readonly compressed: CompressedCluster };

export class UnpackBudget {
  #packed: number;
  #unpacked: number;

  /** For an image of `size` bytes; see `mostUnpacked`. */
  constructor(size: number, blockSize: number) {
    this.#packed = TURNS * size + ALWAYS;
    this.#unpacked = mostUnpacked(size, blockSize) + ALWAYS;
  }

  /** To be called before a cluster of the content called `name` is unpacked. Throws `E_IMAGE` where it is one too many. */
  spend({ length, compressed }: Spent, name: string): void {
    this.#packed -= compressed.length;
    this.#unpacked -= length;
    if (this.#packed >= 0 && this.#unpacked >= 0) return;
    throw imageError('a look at the image takes more unpacking than it has room for', name);
  }
}
