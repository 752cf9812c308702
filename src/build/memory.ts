/** How one budget of buffers is shared out. What the tree of an image takes comes on top: it grows with the entries. */

import { SLAB_BYTES } from '../pool/arena.ts';

/** Enough for any number of layers and files. */
export const DEFAULT_MEMORY = 256 * 1024 * 1024;
/** With less, the threads of a layer would wait for each other. */
export const LEAST_MEMORY = 32 * 1024 * 1024;

/** Half of it is for unpacked bytes on their way, a sixteenth for tails; pieces, sheets and what is encoded take the rest. */
const SLAB_SHARE = 2;
const TAIL_SHARE = 16;

/** More evens out no burst. */
const MOST_SLABS = 16;
const LEAST_SLABS = 4;

export interface MemoryShares {
  /** Slabs of 1 MiB that each layer may be ahead of the writer. */
  readonly slabs: number;
  /** Bytes of tails, link targets and chunk maps of each image that are held before they go to a file. */
  readonly tails: number;
}

/** Shares of `memory` bytes where so many threads work on so many images at once. */
export function shareMemory(memory: number, threads: number, images: number): MemoryShares {
  // Two threads read a layer; those of the next one begin while the last one's parser still works.
  const layers = Math.ceil(threads / 2) + 1;
  const slabs = Math.floor(memory / SLAB_SHARE / SLAB_BYTES / layers);
  return {
    slabs: Math.max(LEAST_SLABS, Math.min(MOST_SLABS, slabs)),
    tails: Math.floor(memory / TAIL_SHARE / images),
  };
}
