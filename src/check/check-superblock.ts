/** The superblock. Source: Linux fs/erofs/super.c (`erofs_read_superblock`). */

import { roundUp } from '../bytes.ts';
import {
  EROFS_SUPER_MAGIC,
  EROFS_SUPER_OFFSET,
  FEATURE_COMPAT_ISHARE_XATTRS,
  FEATURE_COMPAT_SB_CHKSUM,
  FEATURE_INCOMPAT_METABOX,
  MAX_BLOCK_SIZE,
  MIN_BLOCK_SIZE,
  NSEC_LIMIT,
  SUPERBLOCK_SLOT_SIZE,
} from '../erofs/constants.ts';
import { featuresOf, unknownFeatures } from '../erofs/features.ts';
import { lengthOf, viewOf } from '../erofs/read-bytes.ts';
import { readCompression } from '../erofs/read-compression.ts';
import {
  blocksOf,
  checksummedLength,
  checksumOver,
  hasSharedInMetabox,
  PREFIX_UNIT,
  packedField,
  rootField,
  type SuperblockRecord,
} from '../erofs/read-superblock.ts';
import type { Crc32c, ImageBytes } from '../erofs/reader.ts';
import { SUPERBLOCK, SUPERBLOCK_EXTENSION } from '../erofs/records.ts';
import { METABOX_NID } from '../erofs/struct.ts';
import { attempt, isFailure } from './attempt.ts';
import { checkDevices } from './check-devices.ts';
import type { FaultName } from './faults.ts';
import type { Findings } from './findings.ts';
import { type Frame, METABOX_FIELD } from './frame.ts';

export interface SuperblockSources {
  readonly image: ImageBytes;
  /** Device 1 first; empty where none were given. */
  readonly devices: readonly ImageBytes[];
  readonly crc32c: Crc32c;
}

/** Checks all of it; undefined where nothing else can be found without what is wrong. */
export function checkSuperblock(sources: SuperblockSources, findings: Findings): Frame | undefined {
  const { image, crc32c } = sources;
  const bytes = image.read(EROFS_SUPER_OFFSET, SUPERBLOCK.size).slice();
  if (bytes.length < SUPERBLOCK.size) {
    const length = lengthOf(image, EROFS_SUPER_OFFSET + SUPERBLOCK.size);
    findings.add('superblock-missing', { offset: length }, `there are only ${length} bytes`);
    return undefined;
  }
  const record = SUPERBLOCK.read(viewOf(bytes), 0);
  const report = reporter(findings);
  if (record.magic !== EROFS_SUPER_MAGIC) {
    report('superblock-magic', 'magic', `the magic number is ${hex(record.magic)}`);
    return undefined;
  }
  if (!checkBlockSize(record, report)) return undefined;
  const blockSize = 2 ** record.blockSizeBits;
  if ((record.featureCompat & FEATURE_COMPAT_SB_CHKSUM) !== 0) {
    checkChecksum(image, record, blockSize, crc32c, report);
  }
  checkPlainFields(record, report);
  return frameOf(sources, record, findings, report);
}

/** Linux reads one page for it, of 4096 bytes at least, and mounts no image with a longer one. */
const MOST_SUPERBLOCK = 4096 - EROFS_SUPER_OFFSET;

type Report = (fault: FaultName, field: keyof typeof SUPERBLOCK.offsets, message: string) => void;

function reporter(findings: Findings): Report {
  return (fault, field, message) =>
    findings.add(fault, { offset: EROFS_SUPER_OFFSET + SUPERBLOCK.offsets[field] }, message);
}

function checkBlockSize({ blockSizeBits, dirBlockBits }: SuperblockRecord, report: Report) {
  const blockSize = 2 ** blockSizeBits;
  if (dirBlockBits !== 0) {
    const message = `directory blocks of 2^${dirBlockBits} blocks`;
    report('superblock-directory-blocks', 'dirBlockBits', message);
  }
  if (blockSize >= MIN_BLOCK_SIZE && blockSize <= MAX_BLOCK_SIZE) return true;
  report('superblock-block-size', 'blockSizeBits', `blocks of 2^${blockSizeBits} bytes`);
  return false;
}

function checkChecksum(
  image: ImageBytes,
  { checksum }: SuperblockRecord,
  blockSize: number,
  crc32c: Crc32c,
  report: Report,
): void {
  const length = checksummedLength({ blockSize });
  const covered = image.read(EROFS_SUPER_OFFSET, length);
  const right = checksumOver(covered, crc32c);
  if (covered.length === length && right === checksum) return;
  report('superblock-checksum', 'checksum', `${hex(checksum)} where ${hex(right)} is right`);
}

/** Fields that mean something by themselves. */
function checkPlainFields(record: SuperblockRecord, report: Report): void {
  const { featureCompat, featureIncompat, fixedNsec, epoch, volumeName } = record;
  const unknown = unknownFeatures(featureIncompat);
  if (unknown.length > 0) {
    report('superblock-features', 'featureIncompat', `unknown: ${unknown.join(', ')}`);
  }
  const known = featuresOf(featureCompat, 0).filter(({ name }) => name.startsWith('0x'));
  if (known.length > 0) {
    const names = `unknown: ${known.map(({ name }) => name).join(', ')}`;
    report('superblock-compatible-features', 'featureCompat', names);
  }
  if (fixedNsec >= NSEC_LIMIT) {
    report('superblock-time', 'fixedNsec', `${fixedNsec} nanoseconds`);
  }
  if (!Number.isSafeInteger(epoch)) {
    report('superblock-time', 'epoch', 'a time beyond 2^53 seconds');
  }
  if (!volumeName.includes(0)) {
    report('superblock-label', 'volumeName', 'a label without a NUL behind it');
  }
  if (record.reserved.some(Boolean)) {
    report('superblock-reserved', 'reserved', 'reserved bytes are not zero');
  }
  if (record.reserved2.some(Boolean)) {
    report('superblock-reserved', 'reserved2', 'reserved bytes are not zero');
  }
}

function frameOf(
  { image, devices: given }: SuperblockSources,
  record: SuperblockRecord,
  findings: Findings,
  report: Report,
): Frame {
  const blockSize = 2 ** record.blockSizeBits;
  const superblockSize = SUPERBLOCK.size + record.extraSlots * SUPERBLOCK_SLOT_SIZE;
  const root = rootField(record);
  const size = blocksOf(record) * blockSize;
  const end = checkLength(image, size, superblockSize, blockSize, report);
  const { frames, devices } = checkDevices(
    { image, record, given, end, blockSize, size },
    findings,
  );
  const compression = attempt(() => readCompression(image, record, superblockSize));
  if (isFailure(compression)) {
    report('superblock-algorithms', 'compression', compression.summary);
  }
  const frame = Object.assign(record, {
    blockSize,
    size,
    end,
    superblockSize,
    devices,
    deviceFrames: frames,
    compression: isFailure(compression) ? [] : compression,
    rootNid: record[root],
    rootField: EROFS_SUPER_OFFSET + SUPERBLOCK.offsets[root],
    packedNid: packedNid(record, report),
    metaboxNid: metaboxNid(image, record, findings),
    metaOffset: record.metaBlock * blockSize,
    xattrOffset: record.xattrBlock * blockSize,
    xattrPrefixOffset: record.xattrPrefixStart * PREFIX_UNIT,
  });
  checkAddresses(frame, record, report);
  checkEnd(image, frame, findings);
  return frame;
}

/** Devices may follow the image. */
function checkEnd(image: ImageBytes, { size, end, deviceFrames }: Frame, findings: Findings): void {
  if (end < size) return;
  const last = deviceFrames.reduce(
    (most, device) => Math.max(most, device.start + device.size),
    size,
  );
  if (!Number.isSafeInteger(last) || image.read(last, 1).length === 0) return;
  findings.add('trailing-bytes', { offset: last }, 'bytes behind the end of the image');
}

/** Bytes that are there of those that the image claims. */
function checkLength(
  image: ImageBytes,
  size: number,
  superblockSize: number,
  blockSize: number,
  report: Report,
): number {
  const least = roundUp(EROFS_SUPER_OFFSET + superblockSize, blockSize);
  // A claim that makes no sense is taken for the largest that does: what is there can still be looked at.
  const claim = Number.isSafeInteger(size) ? size : Number.MAX_SAFE_INTEGER;
  const end = lengthOf(image, Math.max(claim, least));
  if (end < superblockSize + EROFS_SUPER_OFFSET || superblockSize > MOST_SUPERBLOCK) {
    report('superblock-slots', 'extraSlots', `a superblock of ${superblockSize} bytes`);
  }
  if (size < least) {
    report('superblock-blocks', 'blocks', `${size} bytes have no room for the superblock`);
  } else if (end < size) {
    report('superblock-blocks', 'blocks', `${size} bytes of which ${end} are there`);
  }
  return end;
}

function packedNid(record: SuperblockRecord, report: Report): number | undefined {
  const nid = packedField(record);
  if (nid < METABOX_NID) return nid || undefined;
  report('superblock-special-inode', 'packedNid', 'the packed inode is out of range');
  return undefined;
}

function metaboxNid(
  image: ImageBytes,
  { featureIncompat, extraSlots }: SuperblockRecord,
  findings: Findings,
): number | undefined {
  if ((featureIncompat & FEATURE_INCOMPAT_METABOX) === 0) return undefined;
  const bytes = image.read(EROFS_SUPER_OFFSET + SUPERBLOCK.size, SUPERBLOCK_EXTENSION.size);
  const isThere = extraSlots * SUPERBLOCK_SLOT_SIZE >= bytes.length;
  if (!isThere || bytes.length < SUPERBLOCK_EXTENSION.size) {
    const message = 'no room for the number of the metabox inode';
    reporter(findings)('superblock-slots', 'extraSlots', message);
    return undefined;
  }
  const nid = SUPERBLOCK_EXTENSION.read(viewOf(bytes), 0).metaboxNid;
  if (nid > 0 && nid < METABOX_NID) return nid;
  const message = 'the metabox inode is out of range';
  findings.add('superblock-special-inode', METABOX_FIELD, message);
  return undefined;
}

function checkAddresses(frame: Frame, record: SuperblockRecord, report: Report): void {
  const { end, metaOffset, xattrOffset, featureCompat, xattrPrefixCount } = frame;
  if (metaOffset >= end) {
    report('superblock-metadata', 'metaBlock', `metadata begins at byte ${metaOffset}`);
  }
  // What is in the metabox is compared with that, attribute by attribute.
  if (!hasSharedInMetabox(frame) && xattrOffset > end) {
    report('superblock-xattrs', 'xattrBlock', `attributes begin at byte ${xattrOffset}`);
  }
  const isShare = (featureCompat & FEATURE_COMPAT_ISHARE_XATTRS) !== 0;
  if (isShare && record.ishareXattrPrefix >= xattrPrefixCount) {
    const { ishareXattrPrefix } = record;
    report('superblock-prefixes', 'ishareXattrPrefix', `there is no ${ishareXattrPrefix}`);
  }
}

export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
