/** The superblock with the checks of Linux fs/erofs/super.c (`erofs_read_superblock`). */

import { roundUp } from '../bytes.ts';
import {
  EROFS_SUPER_MAGIC,
  EROFS_SUPER_OFFSET,
  FEATURE_COMPAT_SB_CHKSUM,
  FEATURE_COMPAT_SHARED_EA_IN_METABOX,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_FRAGMENTS,
  FEATURE_INCOMPAT_METABOX,
  MAX_BLOCK_SIZE,
  MIN_BLOCK_SIZE,
  NSEC_LIMIT,
  SUPERBLOCK_SLOT_SIZE,
} from './constants.ts';
import { unknownFeatures } from './features.ts';
import { type ImageBytes, imageError, readExactly, viewOf } from './read-bytes.ts';
import { type Compression, readCompression } from './read-compression.ts';
import { type Device, readDevices, withoutNuls } from './read-devices.ts';
import { SUPERBLOCK, SUPERBLOCK_EXTENSION } from './records.ts';
import { METABOX_NID } from './struct.ts';

/** What an image says about itself, checked and in plain units. */
export interface Superblock {
  /** Bytes. */
  readonly blockSize: number;
  /** Length of the image: whole blocks. Everything the image refers to is below it, or on a device. */
  readonly size: number;
  /** Length of the superblock itself, from byte 1024 on. */
  readonly superblockSize: number;
  /** Where content is besides the image; device 1 first. */
  readonly devices: readonly Device[];
  /** The algorithms that compressed files may use. */
  readonly compression: readonly Compression[];
  readonly rootNid: number;
  /** The inode that parts of many files are packed into, and the one with compressed metadata; undefined for none. */
  readonly packedNid: number | undefined;
  readonly metaboxNid: number | undefined;
  /** Inodes as the image counts them, for `statfs`. */
  readonly inodeCount: number;
  /** Seconds and nanoseconds since 1970 that compact inodes take their time from. */
  readonly epoch: number;
  readonly fixedNsec: number;
  /** When the image was made, in seconds after `epoch`. */
  readonly buildTime: number;
  /** Byte offsets of NID 0 and of shared attribute 0. */
  readonly metaOffset: number;
  readonly xattrOffset: number;
  /** The table of long attribute prefixes: how many, and at which byte of whatever holds them. */
  readonly xattrPrefixCount: number;
  readonly xattrPrefixOffset: number;
  /** Not 0 where the name filter of attributes has a form that is not known. */
  readonly xattrFilterReserved: number;
  /** The long prefix that names the digest of a file's content, with the feature `ishare_xattrs`. */
  readonly ishareXattrPrefix: number;
  readonly uuid: Uint8Array;
  /** Without the NULs that fill the field. */
  readonly volumeName: Uint8Array;
  /** See `featuresOf`. */
  readonly featureCompat: number;
  readonly featureIncompat: number;
  /** As stored; see {@link checksumOf}. */
  readonly checksum: number;
}

/** CRC-32C register after `bytes`, starting from `register`, with no inversion. */
export type Crc32c = (bytes: Uint8Array, register: number) => number;

/** A superblock as it is stored. */
export type SuperblockRecord = ReturnType<typeof SUPERBLOCK.read>;

const CRC_START = 0xffffffff;
/** Unit of the address of the table of long prefixes (`xattr_prefix_start`). */
export const PREFIX_UNIT = 4;
const TWO_32 = 2 ** 32;

/** Reads and checks the superblock, but not its checksum. Throws `E_IMAGE`. */
export function readSuperblock(image: ImageBytes): Superblock {
  const bytes = readExactly(image, EROFS_SUPER_OFFSET, SUPERBLOCK.size, 'the superblock').slice();
  const record = SUPERBLOCK.read(viewOf(bytes), 0);
  if (record.magic !== EROFS_SUPER_MAGIC) {
    throw imageError('not an EROFS image', EROFS_SUPER_OFFSET);
  }
  checkSupport(record);
  const blockSize = 2 ** record.blockSizeBits;
  const superblockSize = SUPERBLOCK.size + record.extraSlots * SUPERBLOCK_SLOT_SIZE;
  const blocks = blocksOf(record);
  const superblock = {
    blockSize,
    size: blocks * blockSize,
    superblockSize,
    devices: readDevices(image, record, blocks),
    compression: readCompression(image, record, superblockSize),
    rootNid: record[rootField(record)],
    packedNid: specialNid(packedField(record), 'packed'),
    metaboxNid: readMetaboxNid(image, record),
    inodeCount: record.inodeCount,
    epoch: record.epoch,
    fixedNsec: record.fixedNsec,
    buildTime: record.buildTime,
    metaOffset: record.metaBlock * blockSize,
    xattrOffset: record.xattrBlock * blockSize,
    xattrPrefixCount: record.xattrPrefixCount,
    xattrPrefixOffset: record.xattrPrefixStart * PREFIX_UNIT,
    xattrFilterReserved: record.xattrFilterReserved,
    ishareXattrPrefix: record.ishareXattrPrefix,
    uuid: record.uuid,
    volumeName: withoutNuls(record.volumeName),
    featureCompat: record.featureCompat,
    featureIncompat: record.featureIncompat,
    checksum: record.checksum,
  };
  checkRanges(superblock);
  return superblock;
}

function checkSupport(record: SuperblockRecord): void {
  const unknown = unknownFeatures(record.featureIncompat);
  if (unknown.length > 0) {
    const text = unknown.join(', ');
    throw imageError(`the image has features that are not supported: ${text}`, 'superblock');
  }
  const blockSize = 2 ** record.blockSizeBits;
  if (blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE) {
    throw imageError(`a block size of 2^${record.blockSizeBits} is not supported`, 'superblock');
  }
  if (record.dirBlockBits !== 0) {
    throw imageError('directories in blocks of another size are not supported', 'superblock');
  }
}

/** Large images have the root's number elsewhere, and the high bits of their length in its place. */
export function rootField(record: SuperblockRecord): 'rootNid' | 'rootNid64' {
  const isWide = (record.featureIncompat & FEATURE_INCOMPAT_48BIT) !== 0;
  return isWide && record.rootNid64 !== 0 ? 'rootNid64' : 'rootNid';
}

/** Length of the image in blocks. */
export function blocksOf(record: SuperblockRecord): number {
  const high = rootField(record) === 'rootNid64' ? record.rootNid : 0;
  return high * TWO_32 + record.blocks;
}

function readMetaboxNid(image: ImageBytes, record: SuperblockRecord): number | undefined {
  if ((record.featureIncompat & FEATURE_INCOMPAT_METABOX) === 0) return undefined;
  const at = EROFS_SUPER_OFFSET + SUPERBLOCK.size;
  const slots = Math.ceil(SUPERBLOCK_EXTENSION.size / SUPERBLOCK_SLOT_SIZE);
  if (record.extraSlots < slots) throw imageError('the superblock is too short', 'superblock');
  const bytes = readExactly(image, at, SUPERBLOCK_EXTENSION.size, 'the superblock');
  return specialNid(SUPERBLOCK_EXTENSION.read(viewOf(bytes), 0).metaboxNid, 'metabox');
}

/** The number of the packed inode, or 0: without the feature the field means nothing (`erofs_fc_fill_super`). */
export function packedField({ featureIncompat, packedNid }: SuperblockRecord): number {
  return (featureIncompat & FEATURE_INCOMPAT_FRAGMENTS) === 0 ? 0 : packedNid;
}

/** Neither special inode can be inside the metabox: it would have to be read to be found. */
function specialNid(nid: number, name: string): number | undefined {
  if (nid >= METABOX_NID) throw imageError(`the ${name} inode is in the metabox`, 'superblock');
  return nid === 0 ? undefined : nid;
}

function checkRanges(superblock: Superblock): void {
  const { size, blockSize, superblockSize, metaOffset } = superblock;
  const needed = roundUp(EROFS_SUPER_OFFSET + superblockSize, blockSize);
  if (size < needed || !Number.isSafeInteger(size)) {
    throw imageError(`the image claims ${size} bytes`, 'superblock');
  }
  const isOutside = !hasSharedInMetabox(superblock) && superblock.xattrOffset > size;
  if (metaOffset >= size || isOutside) {
    throw imageError('metadata lies outside the image', 'superblock');
  }
  if (superblock.fixedNsec >= NSEC_LIMIT || !Number.isSafeInteger(superblock.epoch)) {
    throw imageError('the time of the image is out of range', 'superblock');
  }
}

/** Whether shared attributes are in the metabox, where their address counts then. */
export function hasSharedInMetabox({ featureCompat }: Pick<Superblock, 'featureCompat'>): boolean {
  return (featureCompat & FEATURE_COMPAT_SHARED_EA_IN_METABOX) !== 0;
}

/** Whether the image carries a checksum. */
export function hasChecksum(superblock: Superblock): boolean {
  return (superblock.featureCompat & FEATURE_COMPAT_SB_CHKSUM) !== 0;
}

/** The checksum as it should be: over the superblock's own block from byte 1024, its field taken as zero. */
export function checksumOf(image: ImageBytes, superblock: Superblock, crc32c: Crc32c): number {
  const length = checksummedLength(superblock);
  return checksumOver(readExactly(image, EROFS_SUPER_OFFSET, length, 'the first block'), crc32c);
}

/** Bytes that the checksum is over, from the superblock on. */
export function checksummedLength({ blockSize }: Pick<Superblock, 'blockSize'>): number {
  return blockSize > EROFS_SUPER_OFFSET ? blockSize - EROFS_SUPER_OFFSET : blockSize;
}

/** The checksum over bytes that begin with the superblock. */
export function checksumOver(bytes: Uint8Array, crc32c: Crc32c): number {
  const covered = bytes.slice();
  SUPERBLOCK.write(viewOf(covered), 0, { checksum: 0 });
  return crc32c(covered, CRC_START) >>> 0;
}
