/** The image and the devices it refers to. Source: Linux fs/erofs/data.c (`erofs_map_dev`). */

import { type ImageBytes, imageError, readExactly } from './read-bytes.ts';
import type { Superblock } from './read-superblock.ts';

/** A stretch of content where it lies. */
export interface Place {
  /** 0 for the image itself, else the number of the device. */
  readonly device: number;
  /** Byte offset there. */
  readonly offset: number;
}

/** Bytes of image and devices, for an image whose superblock has been read. */
export class Volume {
  readonly image: ImageBytes;
  readonly superblock: Superblock;
  readonly #devices: readonly ImageBytes[];

  /** Without `devices`, those of the image are expected behind it, where their addresses say. Throws `E_IMAGE`. */
  constructor(image: ImageBytes, superblock: Superblock, devices: readonly ImageBytes[]) {
    const { length } = superblock.devices;
    if (devices.length > 0 && devices.length !== length) {
      throw imageError(`the image has ${length} devices, not ${devices.length}`, 'superblock');
    }
    this.image = image;
    this.superblock = superblock;
    this.#devices = devices;
  }

  /** `length` bytes at a place that {@link placeOf} gave. */
  read({ device, offset }: Place, length: number, what: string): Uint8Array {
    if (device === 0) return readExactly(this.image, offset, length, what);
    const given = this.#devices[device - 1];
    if (given === undefined) {
      return readExactly(this.image, this.#startBehindImage(device) + offset, length, what);
    }
    const bytes = given.read(offset, length);
    if (bytes.length === length) return bytes;
    throw imageError(`${what} is cut off`, `byte ${offset} of device ${device}`);
  }

  #startBehindImage(device: number): number {
    const { devices, blockSize } = this.superblock;
    const { uniaddr } = devices[device - 1]!;
    if (uniaddr > 0) return uniaddr * blockSize;
    throw imageError('content lies on a device that is not given', `device ${device}`);
  }
}

/**
 * Where `length` bytes are that the image says to be at `place`: an address behind the image may also mean a device.
 * Throws `E_IMAGE` where there is no such place; `what` names the inode.
 */
export function placeOf(superblock: Superblock, place: Place, length: number, what: string): Place {
  const { size, blockSize, devices } = superblock;
  const { device, offset } = place;
  const named = devices[device - 1];
  if (device > 0 && named === undefined) {
    throw imageError(`content lies on device ${device}, which there is not`, what);
  }
  if (offset + length <= (named === undefined ? size : named.blocks * blockSize)) return place;
  const meant = device === 0 ? deviceAt(superblock, offset, length) : undefined;
  if (meant !== undefined) return meant;
  throw imageError(`content lies outside ${device === 0 ? 'the image' : `device ${device}`}`, what);
}

/** The device with these bytes, where image and devices are one address space. */
function deviceAt(superblock: Superblock, offset: number, length: number): Place | undefined {
  const { blockSize, devices } = superblock;
  for (const [index, { uniaddr, blocks }] of devices.entries()) {
    const start = uniaddr * blockSize;
    if (uniaddr > 0 && offset >= start && offset + length <= start + blocks * blockSize) {
      return { device: index + 1, offset: offset - start };
    }
  }
  return undefined;
}
