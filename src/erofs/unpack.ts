/** What a compressed cluster unpacks to. Source: Linux fs/erofs/decompressor.c (`z_erofs_fixup_insize` and others). */

import { errorWithin } from '../errors.ts';
import { FEATURE_INCOMPAT_LZ4_0PADDING } from './constants.ts';
import type { CompressedCluster, Extent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import { imageError, readExactly } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import type { Volume } from './volume.ts';

/** A compressed extent. */
export interface PackedExtent extends Extent {
  readonly compressed: CompressedCluster;
}

export function isPacked(extent: Extent): extent is PackedExtent {
  return extent.compressed !== undefined;
}

/** Fills `target`, which has the extent's length. Throws `E_IMAGE` and `E_COMPRESSION`. */
export function unpack(
  volume: Volume,
  inode: Inode,
  extent: PackedExtent,
  target: Uint8Array,
): void {
  const { algorithm, offset, length } = extent.compressed;
  const bytes =
    extent.inside === undefined
      ? volume.read({ device: extent.device, offset }, length, 'a compressed cluster')
      : readExactly(volume.area(true).bytes, offset, length, 'a compressed cluster');
  const place = `byte ${extent.position} of ${inodeName(inode.nid)}`;
  const start = endOfPadding(bytes, offset, volume.superblock.blockSize);
  if (start === undefined)
    throw imageError('a compressed cluster begins with a block of zeros', place);
  const known = volume.superblock.compression.find((one) => one.algorithm === algorithm);
  const request = {
    algorithm,
    source: bytes.subarray(start),
    target,
    partial: extent.compressed.partial || hasOpenEnd(volume, algorithm),
    ...(known?.dictionaryBytes === undefined ? {} : { dictionaryBytes: known.dictionaryBytes }),
  };
  try {
    volume.decompress(request);
  } catch (thrown) {
    throw errorWithin(place, thrown);
  }
}

/** Where a stream begins behind the zeros in front of it, which end in the first block that it lies in. */
function endOfPadding(cluster: Uint8Array, offset: number, blockSize: number): number | undefined {
  const limit = Math.min(cluster.length, blockSize - (offset % blockSize));
  for (let at = 0; at < limit; at++) if (cluster[at] !== 0) return at;
  return undefined;
}

/** Old images have the padding behind a stream of LZ4, which does not say where it ends. */
function hasOpenEnd({ superblock }: Volume, algorithm: string): boolean {
  return algorithm === 'lz4' && (superblock.featureIncompat & FEATURE_INCOMPAT_LZ4_0PADDING) === 0;
}
