/** The table of devices that hold content besides the image. Source: Linux fs/erofs/super.c (`erofs_scan_devices`). */

import { FEATURE_INCOMPAT_48BIT, FEATURE_INCOMPAT_DEVICE_TABLE } from './constants.ts';
import { type ImageBytes, imageError, readExactly, viewOf } from './read-bytes.ts';
import { DEVICE_SLOT, type SUPERBLOCK } from './records.ts';

/** A device that holds content, by the image's own account. */
export interface Device {
  /** What names it, without the NULs that fill the field; may be empty. */
  readonly tag: Uint8Array;
  /** Its length in blocks of the image. */
  readonly blocks: number;
  /** Block at which it begins where image and devices are one address space; 0 for nowhere. */
  readonly uniaddr: number;
}

const TWO_32 = 2 ** 32;

/** The devices of an image of `imageBlocks`, device 1 first; none without the feature. Throws `E_IMAGE`. */
export function readDevices(
  image: ImageBytes,
  record: ReturnType<typeof SUPERBLOCK.read>,
  imageBlocks: number,
): readonly Device[] {
  if ((record.featureIncompat & FEATURE_INCOMPAT_DEVICE_TABLE) === 0) return [];
  const start = record.deviceSlotOffset * DEVICE_SLOT.size;
  const end = start + record.extraDevices * DEVICE_SLOT.size;
  if (end > imageBlocks * 2 ** record.blockSizeBits) {
    throw imageError('the device table lies outside the image', 'superblock');
  }
  const devices: Device[] = [];
  for (let at = start; at < end; at += DEVICE_SLOT.size) {
    const slot = readExactly(image, at, DEVICE_SLOT.size, 'a device slot').slice();
    devices.push(readSlot(slot, (record.featureIncompat & FEATURE_INCOMPAT_48BIT) !== 0));
  }
  return devices;
}

/** A slot of the table. The high bits count in images with the feature `48bit`. */
export function readSlot(bytes: Uint8Array, hasHighBits: boolean): Device {
  const slot = DEVICE_SLOT.read(viewOf(bytes), 0);
  const unit = hasHighBits ? TWO_32 : 0;
  return {
    tag: withoutNuls(slot.tag),
    blocks: slot.blocksHigh * unit + slot.blocks,
    uniaddr: slot.uniaddrHigh * unit + slot.uniaddr,
  };
}

/** The bytes of a text field before the NULs that fill it. */
export function withoutNuls(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}
