/** The superblock with the checks of Linux fs/erofs/super.c (`erofs_read_superblock`). */

import { roundUp } from '../bytes.ts';
import {
  EROFS_SUPER_MAGIC,
  EROFS_SUPER_OFFSET,
  FEATURE_COMPAT_SB_CHKSUM,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_DEVICE_TABLE,
  INODE_SLOT_SIZE,
  MAX_BLOCK_SIZE,
  MIN_BLOCK_SIZE,
} from './constants.ts';
import { type ImageBytes, imageError, readExactly, viewOf } from './read-bytes.ts';
import { type Device, readDevices, withoutNuls } from './read-devices.ts';
import { SUPERBLOCK } from './records.ts';

/** What an image says about itself, checked and in plain units. */
export interface Superblock {
  /** Bytes. */
  readonly blockSize: number;
  /** Length of the image: whole blocks. Everything the image refers to is below it, or on a device. */
  readonly size: number;
  /** Where content is besides the image; device 1 first. */
  readonly devices: readonly Device[];
  readonly rootNid: number;
  /** Inodes as the image counts them, for `statfs`. */
  readonly inodeCount: number;
  /** Seconds and nanoseconds since 1970 that compact inodes take their time from. */
  readonly epoch: number;
  readonly fixedNsec: number;
  /** Byte offsets of NID 0 and of shared attribute 0. */
  readonly metaOffset: number;
  readonly xattrOffset: number;
  readonly uuid: Uint8Array;
  /** Without the NULs that fill the field. */
  readonly volumeName: Uint8Array;
  readonly featureCompat: number;
  readonly featureIncompat: number;
  /** As stored; see {@link checksumOf}. */
  readonly checksum: number;
}

/** CRC-32C register after `bytes`, starting from `register`, with no inversion. */
export type Crc32c = (bytes: Uint8Array, register: number) => number;

const KNOWN_INCOMPAT = FEATURE_INCOMPAT_CHUNKED_FILE | FEATURE_INCOMPAT_DEVICE_TABLE;
const CRC_START = 0xffffffff;

/** Reads and checks the superblock, but not its checksum. Throws `E_IMAGE`. */
export function readSuperblock(image: ImageBytes): Superblock {
  const bytes = readExactly(image, EROFS_SUPER_OFFSET, SUPERBLOCK.size, 'the superblock').slice();
  const record = SUPERBLOCK.read(viewOf(bytes), 0);
  if (record.magic !== EROFS_SUPER_MAGIC) {
    throw imageError('not an EROFS image', EROFS_SUPER_OFFSET);
  }
  const unknown = record.featureIncompat & ~KNOWN_INCOMPAT;
  if (unknown !== 0) {
    const features = `0x${record.featureIncompat.toString(16)}`;
    throw imageError(`the image has features that are not supported: ${features}`, 'superblock');
  }
  const blockSize = 2 ** record.blockSizeBits;
  if (blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE || record.dirBlockBits !== 0) {
    throw imageError(`a block size of 2^${record.blockSizeBits} is not supported`, 'superblock');
  }
  const superblock = {
    blockSize,
    size: record.blocks * blockSize,
    devices: readDevices(image, record),
    rootNid: record.rootNid,
    inodeCount: record.inodeCount,
    epoch: record.epoch,
    fixedNsec: record.fixedNsec,
    metaOffset: record.metaBlock * blockSize,
    xattrOffset: record.xattrBlock * blockSize,
    uuid: record.uuid,
    volumeName: withoutNuls(record.volumeName),
    featureCompat: record.featureCompat,
    featureIncompat: record.featureIncompat,
    checksum: record.checksum,
  };
  checkRanges(superblock);
  return superblock;
}

function checkRanges(superblock: Superblock): void {
  const { size, blockSize, metaOffset, xattrOffset } = superblock;
  const needed = roundUp(EROFS_SUPER_OFFSET + SUPERBLOCK.size, blockSize);
  if (size < needed) throw imageError(`the image claims only ${size} bytes`, 'superblock');
  if (metaOffset >= size || xattrOffset > size) {
    throw imageError('metadata lies outside the image', 'superblock');
  }
  if (superblock.fixedNsec > 999_999_999 || !Number.isSafeInteger(superblock.epoch)) {
    throw imageError('the time of the image is out of range', 'superblock');
  }
}

/** Whether the image carries a checksum. */
export function hasChecksum(superblock: Superblock): boolean {
  return (superblock.featureCompat & FEATURE_COMPAT_SB_CHKSUM) !== 0;
}

/** The checksum as it should be: over the superblock's own block from byte 1024, its field taken as zero. */
export function checksumOf(image: ImageBytes, superblock: Superblock, crc32c: Crc32c): number {
  const { blockSize } = superblock;
  const length = blockSize > EROFS_SUPER_OFFSET ? blockSize - EROFS_SUPER_OFFSET : blockSize;
  const covered = readExactly(image, EROFS_SUPER_OFFSET, length, 'the first block').slice();
  SUPERBLOCK.write(viewOf(covered), 0, { checksum: 0 });
  return crc32c(covered, CRC_START) >>> 0;
}

/** Byte offset of an inode. */
export function inodeOffset(superblock: Superblock, nid: number): number {
  return superblock.metaOffset + nid * INODE_SLOT_SIZE;
}
