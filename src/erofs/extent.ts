/** A range of a file's content and where its bytes are. */

import type { CompressionAlgorithm } from './decompressor.ts';

/** A hole is nowhere and reads as zeros. */
export interface Extent {
  /** Byte offset in the content. */
  readonly position: number;
  readonly length: number;
  /** 0 for the image itself, else the number of the device. */
  readonly device: number;
  /** Byte offset there, or undefined for a hole. */
  readonly offset: number | undefined;
  /** Where the bytes lie in the content of a special inode: `offset` counts in that, and `device` is 0. */
  readonly inside?: 'metabox' | 'packed';
  /** Where the bytes are what a compressed cluster unpacks to; `offset` is then the cluster's own. */
  readonly compressed?: CompressedCluster;
}

export interface CompressedCluster {
  readonly algorithm: CompressionAlgorithm;
  /** Byte offset of the cluster, and how many bytes of the image it takes: 1 MiB at most. */
  readonly offset: number;
  readonly length: number;
  /** Whether it unpacks to more than the extent has. */
  readonly partial: boolean;
}

/** An extent as a map has it, which does not know of devices. */
export interface MappedExtent extends Extent {
  /** Set where the bytes are part of the metadata: behind their inode, or behind its map. */
  readonly isMetadata?: true;
}

/** Knows of every position of one content which extent has it. */
export interface ContentMap {
  /**
   * The extent with the byte at `position`, which is inside the content. It may go beyond the image, which the caller
   * checks. Throws `E_IMAGE`.
   */
  at(position: number): MappedExtent;
}
