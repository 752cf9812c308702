/** A bound on what is unpacked to look at metadata, so that no image takes longer than its size explains. */

import type { DecompressRequest } from '../erofs/decompressor.ts';
import { imageError } from '../erofs/read-bytes.ts';
import { mostUnpacked } from '../erofs/read-compression.ts';

/** How often a cluster may be read again, since few of them are kept. */
const TURNS = 64;
/** What is allowed for an image of any size. */
const ALWAYS = 64 * 1024 * 1024;

export class UnpackBudget {
  #packed: number;
  #unpacked: number;

  /** For an image of `size` bytes; see `mostUnpacked`. */
  constructor(size: number, blockSize: number) {
    this.#packed = TURNS * size + ALWAYS;
    this.#unpacked = mostUnpacked(size, blockSize) + ALWAYS;
  }

  /** To be called before a cluster is unpacked. Throws `E_IMAGE` where it is one too many. */
  spend({ source, target }: Pick<DecompressRequest, 'source' | 'target'>): void {
    this.#packed -= source.length;
    this.#unpacked -= target.length;
    if (this.#packed >= 0 && this.#unpacked >= 0) return;
    throw imageError('metadata takes more unpacking than the image has room for', 'clusters');
  }

  /** For content, which may be unpacked as often as files share it. */
  lift(): void {
    this.#packed = Number.POSITIVE_INFINITY;
    this.#unpacked = Number.POSITIVE_INFINITY;
  }
}
