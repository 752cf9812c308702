/**
 * A cluster as it is stored, in the terms of extents. What is not compressed is an extent like any other, or two: an
 * interlaced block has each byte where it would be in a file without compression, modulo the block.
 * Source: Linux fs/erofs/decompressor.c (`z_erofs_transform_plain`).
 */

import { FEATURE_INCOMPAT_COMPR_CFGS, FEATURE_INCOMPAT_LZ4_0PADDING } from './constants.ts';
import { COMPRESSION_ALGORITHMS } from './decompressor.ts';
import type { MappedExtent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import { imageError } from './read-bytes.ts';
import { MAX_DECODED_SIZE, MAX_PCLUSTER_SIZE } from './read-compression.ts';
import type { Inode } from './read-inode.ts';
import type { Superblock } from './read-superblock.ts';

/** A range of content and the cluster with it. */
export interface StoredCluster {
  readonly position: number;
  readonly length: number;
  /** Byte offset and bytes of the cluster. */
  readonly offset: number;
  readonly size: number;
  /** Where it lies, if that is not among the blocks of content: behind its map, in the image or in the metabox. */
  readonly inline: 'image' | 'metabox' | undefined;
  /** Number of the algorithm, or how it is stored without any. */
  readonly form: number | 'shifted' | 'interlaced';
  readonly partial: boolean;
}

/** The extent with the byte at `position`, which the cluster has. Throws `E_IMAGE`. */
export function extentOfCluster(
  superblock: Superblock,
  inode: Inode,
  cluster: StoredCluster,
  position: number,
): MappedExtent {
  const { length, size, form } = cluster;
  if (size > MAX_PCLUSTER_SIZE || length > MAX_DECODED_SIZE) {
    throw clusterError(inode, cluster, `takes ${size} bytes for ${length}, which is too much`);
  }
  if (typeof form === 'number') return compressedExtent(superblock, inode, cluster, form);
  if (length > size) throw clusterError(inode, cluster, `has ${size} bytes stored for ${length}`);
  return form === 'interlaced'
    ? interlacedExtent(superblock, cluster, position)
    : { ...rangeOf(cluster), offset: cluster.offset };
}

function compressedExtent(
  superblock: Superblock,
  inode: Inode,
  cluster: StoredCluster,
  number: number,
): MappedExtent {
  const algorithm = COMPRESSION_ALGORITHMS[number];
  if (algorithm === undefined || !isDeclared(superblock, algorithm)) {
    const name = algorithm ?? `algorithm ${number}`;
    throw clusterError(inode, cluster, `uses ${name}, which the image does not declare`);
  }
  const { offset, size, partial } = cluster;
  if (size === 0) throw clusterError(inode, cluster, 'is empty');
  const compressed = { algorithm, offset, length: size, partial };
  return { ...rangeOf(cluster), offset, compressed };
}

/** The images of Linux 5.3 declared nothing. */
function isDeclared({ compression, featureIncompat }: Superblock, algorithm: string): boolean {
  const declares = FEATURE_INCOMPAT_LZ4_0PADDING | FEATURE_INCOMPAT_COMPR_CFGS;
  if ((featureIncompat & declares) === 0) return algorithm === 'lz4';
  return compression.some((known) => known.algorithm === algorithm);
}

/** The front of the content is at the end of the cluster, as far as its last block goes; the rest is at the start. */
function interlacedExtent(
  { blockSize }: Superblock,
  cluster: StoredCluster,
  position: number,
): MappedExtent {
  const start = cluster.position % blockSize;
  const front = Math.min(blockSize - start, cluster.length);
  const end = cluster.offset + cluster.size;
  if (position < cluster.position + front) {
    return { ...rangeOf(cluster), length: front, offset: end - blockSize + start };
  }
  return {
    ...rangeOf(cluster),
    position: cluster.position + front,
    length: cluster.length - front,
    offset: cluster.offset,
  };
}

function rangeOf({ position, length, inline }: StoredCluster): Omit<MappedExtent, 'offset'> {
  const range = { position, length, device: 0 };
  if (inline === undefined) return range;
  return inline === 'metabox' ? { ...range, inside: inline } : { ...range, isMetadata: true };
}

function clusterError(inode: Inode, { position }: StoredCluster, problem: string) {
  return imageError(`a cluster ${problem}`, `byte ${position} of ${inodeName(inode.nid)}`);
}
