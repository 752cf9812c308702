/** What a superblock says, in plain units: as far as it makes sense, whatever else is wrong with it. */

import type { ImageBytes } from '../erofs/reader.ts';

/** Where content is besides the image. */
export interface DeviceFrame {
  /** Bytes by the image's account. */
  readonly size: number;
  /** Byte at which it begins where image and devices are one address space; 0 for nowhere. */
  readonly start: number;
  /** Its bytes, if it was given. */
  readonly bytes: ImageBytes | undefined;
  /** Bytes there are: those of the file, or as many as it claims where it was not given. */
  readonly end: number;
}

export interface Frame {
  readonly blockSize: number;
  /** Bytes by the image's own account. */
  readonly size: number;
  /** Bytes that are there, of those that the image accounts for. */
  readonly end: number;
  readonly superblockSize: number;
  readonly featureCompat: number;
  readonly featureIncompat: number;
  readonly devices: readonly DeviceFrame[];
  readonly rootNid: number;
  /** Inodes that the superblock names; undefined for none. */
  readonly packedNid: number | undefined;
  readonly metaboxNid: number | undefined;
  readonly inodeCount: number;
  readonly epoch: number;
  readonly fixedNsec: number;
  /** Byte offsets of NID 0 and of shared attribute 0. */
  readonly metaOffset: number;
  readonly xattrOffset: number;
  /** Whether name filters of attributes mean anything. */
  readonly hasXattrFilter: boolean;
  readonly xattrPrefixCount: number;
  readonly xattrPrefixOffset: number;
  /** Bits of the algorithms that files may use. */
  readonly algorithms: number;
}

/** How many bytes there are, up to `limit`: found by looking, since not everything with bytes has a length. */
export function lengthOf(image: ImageBytes, limit: number): number {
  const has = (count: number) => count === 0 || image.read(count - 1, 1).length === 1;
  if (has(limit)) return limit;
  let least = 0;
  let most = limit;
  while (most - least > 1) {
    const middle = least + Math.floor((most - least) / 2);
    if (has(middle)) least = middle;
    else most = middle;
  }
  return least;
}
