/** An image of `recent-images.ts` to be damaged at places that are named, and what the check says of it. */

import { sealImage } from '../../fuzz/lib/damage-image.ts';
import { type CheckResult, checkBytes } from '../../src/check/check-image.ts';
import { EROFS_SUPER_OFFSET } from '../../src/erofs/constants.ts';
import { ErofsReader, type Inode } from '../../src/erofs/reader.ts';
import { COMPACT_INODE, DIRENT, EXTENDED_INODE, SUPERBLOCK } from '../../src/erofs/records.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { loadKernels } from '../../src/kernels/load.ts';
import { recentImages } from '../support/recent-images.ts';

const kernels = loadKernels('auto');
const crc32c = (bytes: Uint8Array, seed: number) => kernels.crc32c(bytes, seed);
/** With the kernels of this machine. */
export const decompress = createDecompress(kernels);
const IMAGES = recentImages();

export class Specimen {
  bytes: Uint8Array;
  readonly view: DataView;
  readonly reader: ErofsReader;

  /** A copy of the image with that name. */
  constructor(name: string) {
    this.bytes = IMAGES.get(name)!.slice();
    this.view = new DataView(this.bytes.buffer);
    this.reader = new ErofsReader(readable(IMAGES.get(name)!), { decompress });
  }

  inode(path: string): Inode {
    return this.reader.find(path);
  }

  superblock(field: keyof typeof SUPERBLOCK.offsets): number {
    return EROFS_SUPER_OFFSET + SUPERBLOCK.offsets[field];
  }

  /** Byte of a field of an inode, in the form that it has. */
  field(
    path: string,
    field: keyof typeof COMPACT_INODE.offsets | keyof typeof EXTENDED_INODE.offsets,
  ): number {
    const { offset, extended } = this.inode(path);
    const offsets: Record<string, number> = extended
      ? EXTENDED_INODE.offsets
      : COMPACT_INODE.offsets;
    return offset + offsets[field]!;
  }

  /** Byte of the `number`-th entry of a directory, as they are stored. */
  entry(path: string, number: number, field: keyof typeof DIRENT.offsets = 'nid'): number {
    return this.block(path) + number * DIRENT.size + DIRENT.offsets[field];
  }

  /** Number of the entry with that name. */
  find(path: string, name: string): number {
    return [...this.reader.entries(this.inode(path))].findIndex((entry) => entry.name === name);
  }

  /** First byte of the content. */
  block(path: string): number {
    const [extent] = this.reader.extents(this.inode(path));
    return extent!.offset!;
  }

  u8(at: number, value: number): number {
    this.view.setUint8(at, value);
    return at;
  }

  u16(at: number, value: number): number {
    this.view.setUint16(at, value, true);
    return at;
  }

  u32(at: number, value: number): number {
    this.view.setUint32(at, value, true);
    return at;
  }

  text(at: number, text: string): number {
    this.bytes.set(Buffer.from(text, 'latin1'), at);
    return at;
  }

  /** What the check finds, with all content; the superblock has its checksum again. */
  check({ sealed = true } = {}): CheckResult {
    if (sealed) sealImage(this.bytes, crc32c);
    return checkWhole(this.bytes);
  }
}

/** All of `checkBytes` at once. */
export function checkWhole(bytes: Uint8Array, devices: readonly Uint8Array[] = []): CheckResult {
  const sources = { devices: devices.map(readable), crc32c, decompress };
  const steps = checkBytes({ image: readable(bytes), ...sources }, { data: true });
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

function readable(bytes: Uint8Array) {
  return { read: (at: number, length: number) => bytes.subarray(at, at + length) };
}
