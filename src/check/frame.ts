/** What a superblock says, in plain units: as far as it makes sense, whatever else is wrong with it. */

import { EROFS_SUPER_OFFSET } from '../erofs/constants.ts';
import type { ImageBytes, Superblock } from '../erofs/reader.ts';
import { SUPERBLOCK, SUPERBLOCK_EXTENSION } from '../erofs/records.ts';

/** Where the number of the metabox inode is. */
export const METABOX_FIELD = {
  offset: EROFS_SUPER_OFFSET + SUPERBLOCK.size + SUPERBLOCK_EXTENSION.offsets.metaboxNid,
};

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

/** A superblock as the reader has it, but for its checks: numbers in it may be anything that their fields can hold. */
export interface Frame extends Superblock {
  /** Bytes that are there, of those that the image accounts for. */
  readonly end: number;
  readonly deviceFrames: readonly DeviceFrame[];
  /** Byte of the field with the root's number. */
  readonly rootField: number;
}
