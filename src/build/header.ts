/** The last thing written: superblock and device slots, in front of the inodes that share their blocks. */

import {
  EROFS_SUPER_MAGIC,
  EROFS_SUPER_OFFSET,
  FEATURE_COMPAT_MTIME,
  FEATURE_COMPAT_SB_CHKSUM,
  FEATURE_COMPAT_XATTR_FILTER,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_DEVICE_TABLE,
  INODE_SLOT_SIZE,
} from '../erofs/constants.ts';
import { DEVICE_SLOT, SUPERBLOCK } from '../erofs/records.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { Layout, PlacedDevice } from '../plan/layout.ts';

/** What the superblock says beyond the layout. */
export interface HeaderFacts {
  readonly inodes: number;
  readonly epoch: number;
  readonly uuid: Uint8Array;
  readonly label: string;
  readonly chunked: boolean;
  readonly xattrFilters: boolean;
}

const VOLUME_NAME_BYTES = 16;
const TAG_BYTES = 64;

/** Writes superblock and slots into `header`, which has the inodes already, and seals it with its checksum. */
export function sealHeader(
  header: Uint8Array,
  layout: Layout,
  facts: HeaderFacts,
  kernels: Kernels,
): void {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const xattrs = layout.regions.find(({ name }) => name === 'xattrs')!;
  const volumeName = new Uint8Array(VOLUME_NAME_BYTES);
  volumeName.set(new TextEncoder().encode(facts.label));
  SUPERBLOCK.write(view, EROFS_SUPER_OFFSET, {
    magic: EROFS_SUPER_MAGIC,
    featureCompat:
      FEATURE_COMPAT_SB_CHKSUM |
      FEATURE_COMPAT_MTIME |
      (facts.xattrFilters ? FEATURE_COMPAT_XATTR_FILTER : 0),
    blockSizeBits: Math.log2(layout.blockSize),
    rootNid: layout.rootAddress / INODE_SLOT_SIZE,
    inodeCount: facts.inodes,
    epoch: facts.epoch,
    blocks: layout.size / layout.blockSize,
    xattrBlock: xattrs.length > 0 ? xattrs.offset / layout.blockSize : 0,
    uuid: facts.uuid,
    volumeName,
    featureIncompat:
      (facts.chunked ? FEATURE_INCOMPAT_CHUNKED_FILE : 0) |
      (layout.devices.length > 0 ? FEATURE_INCOMPAT_DEVICE_TABLE : 0),
    extraDevices: layout.devices.length,
    deviceSlotOffset: (layout.devices[0]?.slot ?? 0) / DEVICE_SLOT.size,
  });
  for (const device of layout.devices) writeSlot(view, device);
  const checksum = superblockChecksum(header, layout.blockSize, kernels);
  SUPERBLOCK.write(view, EROFS_SUPER_OFFSET, { checksum });
}

function writeSlot(view: DataView, { slot, tag, blocks, uniaddr }: PlacedDevice): void {
  const field = new Uint8Array(TAG_BYTES);
  field.set(tag);
  DEVICE_SLOT.write(view, slot, { tag: field, blocks, uniaddr });
}

/**
 * CRC-32C from the superblock to the end of its block, or over one block's length where blocks are no longer than
 * 1 KiB, with the field itself zero (Linux fs/erofs/super.c, `erofs_superblock_csum_verify`).
 */
function superblockChecksum(header: Uint8Array, blockSize: number, kernels: Kernels): number {
  const length = blockSize > EROFS_SUPER_OFFSET ? blockSize - EROFS_SUPER_OFFSET : blockSize;
  return kernels.crc32c(
    header.subarray(EROFS_SUPER_OFFSET, EROFS_SUPER_OFFSET + length),
    0xffffffff,
  );
}
