/** The image and the devices it refers to. Source: Linux fs/erofs/data.c (`erofs_map_dev`). */

import { ErofsWasmError } from '../errors.ts';
import type { Decompress } from './decompressor.ts';
import { deviceWithBlock } from './placed-devices.ts';
import { type ImageBytes, imageError, lengthOf, readExactly } from './read-bytes.ts';
import type { Superblock } from './read-superblock.ts';
import { UnpackBudget } from './unpack-budget.ts';

/** A stretch of content where it lies. */
export interface Place {
  /** 0 for the image itself, else the number of the device. */
  readonly device: number;
  /** Byte offset there. */
  readonly offset: number;
}

/** Bytes of known length that hold metadata: the image, or what the metabox unpacks to. */
export interface Area {
  readonly bytes: ImageBytes;
  readonly size: number;
}

/** What a volume is made of, besides the image and its superblock. */
export interface VolumeParts {
  /** Those of the image, device 1 first; without them they are expected behind it, where their addresses say. */
  readonly devices: readonly ImageBytes[];
  /** Undefined where compressed content is not to be read. */
  readonly decompress: Decompress | undefined;
  /** The content of a special inode as bytes at any place. */
  readonly contentOf: (volume: Volume, nid: number, name: string) => Area;
}

/** Bytes of image and devices, for an image whose superblock has been read. */
export class Volume {
  readonly image: ImageBytes;
  readonly superblock: Superblock;
  /** Bounds what is unpacked of all but the content of files, where something does. */
  unpacking: UnpackBudget | undefined;
  readonly #parts: VolumeParts;
  #metabox: Area | undefined;
  #packed: Area | undefined;
  #length: number | undefined;

  /** Throws `E_IMAGE` where another number of devices is given than the image has. */
  constructor(image: ImageBytes, superblock: Superblock, parts: VolumeParts) {
    const { length } = superblock.devices;
    const given = parts.devices.length;
    if (given > 0 && given !== length) {
      throw imageError(`the image has ${length} devices, not ${given}`, 'superblock');
    }
    this.image = image;
    this.superblock = superblock;
    this.#parts = parts;
  }

  /** Where metadata lies: that of inodes in the metabox, or any other. Throws `E_IMAGE` where there is no metabox. */
  area(inMetabox: boolean): Area {
    if (!inMetabox) return { bytes: this.image, size: this.superblock.size };
    this.#metabox ??= this.#special(this.superblock.metaboxNid, 'metabox');
    return this.#metabox;
  }

  /** The content that parts of files are packed into. Throws `E_IMAGE` where there is none. */
  packed(): Area {
    this.#packed ??= this.#special(this.superblock.packedNid, 'packed');
    return this.#packed;
  }

  /** Bytes that there are of the image, of those that it accounts for: it may claim any number. */
  get length(): number {
    this.#length ??= lengthOf(this.image, this.superblock.size);
    return this.#length;
  }

  /** From now on, no more is unpacked of all but the content of files than one look at all of the image takes. */
  boundUnpacking(length = this.length): void {
    this.unpacking = new UnpackBudget(length, this.superblock.blockSize);
  }

  get decompress(): Decompress {
    if (this.#parts.decompress !== undefined) return this.#parts.decompress;
    throw new ErofsWasmError('E_COMPRESSION', 'the content is compressed', {
      hint: 'open the image with a decompressor',
    });
  }

  /** `length` bytes at a place that {@link placeOf} gave. */
  read({ device, offset }: Place, length: number, what: string): Uint8Array {
    if (device === 0) return readExactly(this.image, offset, length, what);
    const given = this.#parts.devices[device - 1];
    if (given === undefined) {
      return readExactly(this.image, this.#startBehindImage(device) + offset, length, what);
    }
    const bytes = given.read(offset, length);
    if (bytes.length === length) return bytes;
    throw imageError(`${what} is cut off`, `byte ${offset} of device ${device}`);
  }

  #special(nid: number | undefined, name: string): Area {
    if (nid === undefined) throw imageError(`the image has no ${name} inode`, 'superblock');
    return this.#parts.contentOf(this, nid, name);
  }

  #startBehindImage(device: number): number {
    const { devices, blockSize } = this.superblock;
    const { uniaddr } = devices[device - 1]!;
    if (uniaddr > 0) return uniaddr * blockSize;
    throw imageError('content lies on a device that is not given', `device ${device}`);
  }
}

/** What {@link placeOf} is asked for. */
export interface Wanted extends Place {
  readonly length: number;
  /** Whether it is part of the metadata, which is in the image whatever devices have that address. */
  readonly isMetadata: boolean;
}

/**
 * Where bytes are that the image says to be at a place: an address of the image may mean a device. Throws `E_IMAGE`
 * where there is no such place; `what` names the inode.
 */
export function placeOf(superblock: Superblock, wanted: Wanted, what: string): Place {
  const { size, blockSize, devices } = superblock;
  const { device, offset, length, isMetadata } = wanted;
  if (device > devices.length) {
    throw imageError(`content lies on device ${device}, which there is not`, what);
  }
  const place =
    device > 0 || isMetadata ? { device, offset } : placeInAddressSpace(superblock, offset);
  const named = devices[place.device - 1];
  if (place.offset + length <= (named === undefined ? size : named.blocks * blockSize))
    return place;
  const name = named === undefined ? 'the image' : `device ${place.device}`;
  throw imageError(`content lies outside ${name}`, what);
}

/** What an address means where image and devices are one address space. */
export function placeInAddressSpace(
  { devices, blockSize }: Pick<Superblock, 'devices' | 'blockSize'>,
  offset: number,
): Place {
  const index = deviceWithBlock(devices, Math.floor(offset / blockSize));
  if (index === undefined) return { device: 0, offset };
  return { device: index + 1, offset: offset - devices[index]!.uniaddr * blockSize };
}
