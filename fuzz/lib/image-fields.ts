/** Where the fields of an image's records are, so that each can be damaged by itself. */

import { roundUp } from '../../src/bytes.ts';
import {
  EROFS_SUPER_OFFSET,
  LAYOUT_COMPRESSED_COMPACT,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { type Decompress, ErofsReader, type Inode } from '../../src/erofs/reader.ts';
import {
  COMPACT_INODE,
  DIRENT,
  EXTENDED_INODE,
  LCLUSTER_INDEX,
  MAP_HEADER,
  SUPERBLOCK,
  XATTR_ENTRY,
  XATTR_HEADER,
} from '../../src/erofs/records.ts';
import type { Struct } from '../../src/erofs/struct.ts';
import { isDirectory } from '../../src/posix.ts';

/** A field: its first byte, and how many it has. */
export interface Field {
  readonly at: number;
  readonly width: number;
  /** What it is, as `inode.size`. */
  readonly name: string;
}

type AnyStruct = Pick<Struct<Record<string, number>>, 'size' | 'offsets'>;

/** Words of maps that are damaged, from the front. */
const MAP_WORDS = 24;

/** The fields of all records that lie in the image as they are. */
export function fieldsOf(image: Uint8Array, decompress: Decompress): Field[] {
  const fields = recordFields('superblock', SUPERBLOCK as AnyStruct, EROFS_SUPER_OFFSET);
  const bytes = { read: (at: number, length: number) => image.subarray(at, at + length) };
  const reader = new ErofsReader(bytes, { decompress });
  const seen = new Set<number>();
  for (const { inode } of reader.walk()) {
    if (seen.has(inode.nid) || inode.inMetabox) continue;
    seen.add(inode.nid);
    fields.push(...inodeFields(inode), ...xattrFields(inode), ...mapFields(inode));
    if (isDirectory(inode.mode)) fields.push(...entryFields(reader, image, inode));
  }
  return fields.filter(({ at, width }) => at + width <= image.length);
}

function recordFields(record: string, { offsets, size }: AnyStruct, at: number): Field[] {
  const names = Object.keys(offsets);
  return names.map((name, index) => {
    const end = index + 1 < names.length ? offsets[names[index + 1]!]! : size;
    return { at: at + offsets[name]!, width: end - offsets[name]!, name: `${record}.${name}` };
  });
}

function inodeFields({ extended, offset }: Inode): Field[] {
  const record = (extended ? EXTENDED_INODE : COMPACT_INODE) as AnyStruct;
  return recordFields('inode', record, offset);
}

function xattrFields({ xattrStart, xattrEnd }: Inode): Field[] {
  if (xattrEnd === xattrStart) return [];
  const fields = recordFields('xattrs', XATTR_HEADER as AnyStruct, xattrStart);
  const first = xattrStart + XATTR_HEADER.size;
  if (first + XATTR_ENTRY.size > xattrEnd) return fields;
  return [...fields, ...recordFields('xattr', XATTR_ENTRY as AnyStruct, first)];
}

/** Maps of chunks and of clusters, as words. */
function mapFields({ layout, xattrEnd, size }: Inode): Field[] {
  const isCompressed = layout === LAYOUT_COMPRESSED_FULL || layout === LAYOUT_COMPRESSED_COMPACT;
  if (size === 0) return [];
  const start = roundUp(xattrEnd, 8);
  const words = Array.from({ length: MAP_WORDS }, (_, index) => ({
    at: start + (isCompressed ? MAP_HEADER.size : 0) + index * 4,
    width: index % 2 === 0 ? LCLUSTER_INDEX.size / 2 : 2,
    name: 'map.word',
  }));
  if (!isCompressed) return words;
  return [...recordFields('map', MAP_HEADER as AnyStruct, start), ...words];
}

/** Entries of directories that are not compressed. */
function entryFields(reader: ErofsReader, image: Uint8Array, inode: Inode): Field[] {
  const fields: Field[] = [];
  for (const { offset, length, inside, compressed } of reader.extents(inode)) {
    if (offset === undefined || inside !== undefined || compressed !== undefined) continue;
    const { blockSize } = reader.superblock;
    for (let block = offset; block < offset + length; block += blockSize) {
      const names = image[block + DIRENT.offsets.nameOffset]! + image[block + 9]! * 256;
      const end = block + Math.min(names, blockSize);
      for (let at = block; at + DIRENT.size <= end; at += DIRENT.size) {
        fields.push(...recordFields('entry', DIRENT as AnyStruct, at));
      }
      if (names < blockSize) fields.push({ at: end, width: 1, name: 'entry.text' });
    }
  }
  return fields;
}
