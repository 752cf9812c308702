/** What is in the first blocks of an image: superblock, a slot for each device, the root inode. */

import { roundUp } from '../bytes.ts';
import { EROFS_SUPER_OFFSET, INODE_SLOT_SIZE } from '../erofs/constants.ts';
import { DEVICE_SLOT, SUPERBLOCK } from '../erofs/records.ts';
import { ErofsWasmError } from '../errors.ts';

/** The header of images with small blocks, without devices: as long as a block of the usual size. */
const MIN_HEADER_SIZE = 4096;
/** `root_nid` has 16 bits. */
const MAX_ROOT_NID = 0xffff;

/** Byte offset of the first device slot: a multiple of its length, since `devt_slotoff` counts in slots. */
export const DEVICE_SLOTS_ADDRESS = roundUp(EROFS_SUPER_OFFSET + SUPERBLOCK.size, DEVICE_SLOT.size);

/** Where the root inode is: right behind superblock and slots. Throws `E_IMAGE_LIMIT` for too many devices. */
export function rootAddress(devices: number): number {
  const address = DEVICE_SLOTS_ADDRESS + devices * DEVICE_SLOT.size;
  if (address / INODE_SLOT_SIZE <= MAX_ROOT_NID) return address;
  throw new ErofsWasmError(
    'E_IMAGE_LIMIT',
    `an index of ${devices} layers has no room for its root`,
    {
      hint: 'build indexes of fewer layers, or an image that holds the content',
    },
  );
}

/** Most bytes before the file data, whole blocks: room for the root inode with its attributes. */
export function headerSize(blockSize: number, devices: number): number {
  const slots = rootAddress(devices) - rootAddress(0);
  return roundUp(MIN_HEADER_SIZE + slots, blockSize);
}
