/**
 * Small images written down field by field, with every way to store a compressed file. What they hold is compressed by
 * hand, so nothing but the format is needed to make them.
 */

import { FEATURE_INCOMPAT_METABOX } from '../../src/erofs/constants.ts';
import type { ImageBytes } from '../../src/erofs/reader.ts';
import {
  COMPACT_INODE,
  DIRENT,
  EXTENDED_INODE,
  MAP_HEADER,
  SUPERBLOCK,
  SUPERBLOCK_EXTENSION,
} from '../../src/erofs/records.ts';
import { METABOX_NID } from '../../src/erofs/struct.ts';

/** Bytes of a block, blocks of an image, and the block from which on there is data. */
export const BLOCK = 512;
export const BLOCKS = 64;
export const DATA = 16;

/** Where the inodes are: two blocks for each and what follows it. */
export const PLACES = { root: 4, file: 6, packed: 8, metabox: 10 } as const;
export const nidOf = (place: keyof typeof PLACES) => (PLACES[place] * BLOCK) / 32;

type Fields<R extends { write(view: DataView, offset: number, values: never): void }> = Parameters<
  R['write']
>[2];

/** An inode of any form, and the bytes behind it, at a multiple of 8. */
export interface CraftedInode {
  readonly extended?: Fields<typeof EXTENDED_INODE>;
  readonly compact?: Fields<typeof COMPACT_INODE>;
  readonly behind?: Uint8Array;
}

export interface CraftedShape {
  readonly file: CraftedInode;
  /** The file's number, where its inode is elsewhere. */
  readonly fileNid?: number;
  readonly packed?: CraftedInode;
  readonly metabox?: CraftedInode;
  /** Bytes at the start of a block. */
  readonly data?: Readonly<Record<number, Uint8Array>>;
  readonly superblock?: Fields<typeof SUPERBLOCK>;
}

/** A root with one file `f`; all of it in one piece of memory. */
export function craftImage(shape: CraftedShape): Uint8Array {
  const image = new Uint8Array(BLOCKS * BLOCK);
  const view = new DataView(image.buffer);
  const incompat = shape.metabox === undefined ? 0x21 : 0x21 | FEATURE_INCOMPAT_METABOX | 0x80;
  SUPERBLOCK.write(view, 1024, {
    magic: 0xe0f5e1e2,
    blockSizeBits: 9,
    rootNid: nidOf('root'),
    inodeCount: 2,
    blocks: BLOCKS,
    featureIncompat: incompat,
    packedNid: shape.packed === undefined ? 0 : nidOf('packed'),
    extraSlots: 1,
    ...shape.superblock,
  });
  const metaboxNid = nidOf('metabox');
  if (shape.metabox !== undefined) SUPERBLOCK_EXTENSION.write(view, 1024 + 128, { metaboxNid });
  putRoot(view, shape.fileNid ?? nidOf('file'));
  for (const place of ['file', 'packed', 'metabox'] as const) {
    const inode = shape[place];
    if (inode !== undefined) image.set(inodeBytes(inode), PLACES[place] * BLOCK);
  }
  for (const [block, bytes] of Object.entries(shape.data ?? {})) {
    image.set(bytes, Number(block) * BLOCK);
  }
  return image;
}

/** Inline data: layout 2. */
function putRoot(view: DataView, fileNid: number): void {
  const at = PLACES.root * BLOCK;
  const names = ['.', '..', 'f'];
  const namesAt = names.length * DIRENT.size;
  const directory = { format: 2 << 1, mode: 0o40755, nlink: 2, size: namesAt + 4 };
  COMPACT_INODE.write(view, at, directory);
  names.forEach((name, i) => {
    const nid = name === 'f' ? fileNid : nidOf('root');
    const nameOffset = namesAt + names.slice(0, i).join('').length;
    const entry = { nid, fileType: name === 'f' ? 1 : 2, nameOffset };
    DIRENT.write(view, at + 32 + i * DIRENT.size, entry);
  });
  new Uint8Array(view.buffer).set(Buffer.from(names.join('')), at + 32 + namesAt);
}

/** A regular file, unless its fields say otherwise. */
export function inodeBytes({ extended, compact, behind = new Uint8Array(0) }: CraftedInode) {
  const form = extended === undefined ? COMPACT_INODE : EXTENDED_INODE;
  const bytes = new Uint8Array(form.size + behind.length);
  const view = new DataView(bytes.buffer);
  if (extended === undefined) {
    COMPACT_INODE.write(view, 0, { mode: 0o100644, nlink: 1, ...compact });
  } else {
    EXTENDED_INODE.write(view, 0, { mode: 0o100644, nlink: 1, ...extended });
  }
  bytes.set(behind, form.size);
  return bytes;
}

/** `i_format` of a layout, of a compact inode and of an extended one. */
export const formatOf = (layout: number, extended = false) => (layout << 1) | (extended ? 1 : 0);

/** A map: its header and what follows. */
export function mapOf(header: Fields<typeof MAP_HEADER>, ...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(MAP_HEADER.size);
  MAP_HEADER.write(new DataView(bytes.buffer), 0, header);
  return new Uint8Array(Buffer.concat([bytes, ...parts]));
}

/** The index of a full map: 8 bytes of nothing, then a record for each cluster. */
export function fullIndex(...records: readonly (readonly [number, number, number])[]): Uint8Array {
  const bytes = new Uint8Array(8 + records.length * 8);
  const view = new DataView(bytes.buffer);
  records.forEach(([advise, offset, block], i) => {
    view.setUint16(8 + i * 8, advise, true);
    view.setUint16(10 + i * 8, offset, true);
    view.setUint32(12 + i * 8, block, true);
  });
  return bytes;
}

/** One pack of a compact index: values of 16 bits (2 of them) or of 14 (16 of them), then the block before them. */
export function pack(
  values: readonly (readonly [type: number, value: number])[],
  block: number,
): Uint8Array {
  const bits = values.length === 2 ? 16 : 14;
  const bytes = new Uint8Array(values.length === 2 ? 8 : 32);
  values.forEach(([type, value], i) => {
    // Whatever the width, the number has all bits but the type's; with 12 bits there are two to spare.
    const whole = BigInt(value | (type << 12)) << BigInt((bits * i) % 8);
    for (let n = 0, rest = whole; rest > 0n; n++, rest >>= 8n) {
      bytes[((bits * i) >> 3) + n]! |= Number(rest & 0xffn);
    }
  });
  new DataView(bytes.buffer).setUint32(bytes.length - 4, block, true);
  return bytes;
}

/** Words of 32 bits, as encoded extents are. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  return bytes;
}

/** `bytes` as an LZ4 block of literals only. */
export function lz4Literals(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const more =
    length < 15 ? [] : [...Array(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255];
  return Uint8Array.from([Math.min(length, 15) << 4, ...more, ...bytes]);
}

/** `length` times the byte as an LZ4 block: one literal, one long match, and the five literals that must end it. */
export function lz4Run(byte: number, length: number): Uint8Array {
  const match = length - 1 - 5 - 4;
  const more = [...Array(Math.floor((match - 15) / 255)).fill(255), (match - 15) % 255];
  return Uint8Array.from([0x1f, byte, 1, 0, ...more, 0x50, byte, byte, byte, byte, byte]);
}

/** Zeros in front, up to whole blocks. */
export function padded(bytes: Uint8Array, blocks = Math.ceil(bytes.length / BLOCK)): Uint8Array {
  const whole = new Uint8Array(blocks * BLOCK);
  whole.set(bytes, whole.length - bytes.length);
  return whole;
}

/** Bytes that differ from their neighbours. */
export function sample(length: number, start = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i + start) * 7 + ((i + start) >> 8)) % 251 || 1);
}

export function bytesOf(bytes: Uint8Array): ImageBytes {
  return { read: (offset, length) => bytes.subarray(offset, offset + length) };
}

export { METABOX_NID };
