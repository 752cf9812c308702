/** Images with something wrong in them: edited field by field, with a checksum that is right again. */

import { readFile, writeFile } from 'node:fs/promises';
import { fromLatin1, roundUp } from '../../src/bytes.ts';
import {
  EROFS_SUPER_OFFSET,
  INODE_SLOT_SIZE,
  LAYOUT_FLAT_PLAIN,
} from '../../src/erofs/constants.ts';
import { checksumOf } from '../../src/erofs/read-superblock.ts';
import { type DirectoryEntry, ErofsReader, type Inode } from '../../src/erofs/reader.ts';
import {
  COMPACT_INODE,
  DIRENT,
  EXTENDED_INODE,
  SUPERBLOCK,
  XATTR_HEADER,
} from '../../src/erofs/records.ts';
import {
  encodeXattrBody,
  splitXattrName,
  xattrCountOf,
  xattrNameFilter,
} from '../../src/erofs/xattrs.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';

const { crc32c } = createReferenceKernels();
const EXTENDED = 1;

type Fields = Partial<ReturnType<typeof EXTENDED_INODE.read>>;

export class ImageEditor {
  #bytes: Uint8Array;

  static async open(path: string): Promise<ImageEditor> {
    return new ImageEditor(new Uint8Array(await readFile(path)));
  }

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Writes the image with its checksum set right. */
  async save(path: string): Promise<void> {
    const { checksum } = { checksum: checksumOf(this.#image, this.reader.superblock, crc32c) };
    SUPERBLOCK.write(this.#view, EROFS_SUPER_OFFSET, { checksum });
    await writeFile(path, this.#bytes);
  }

  get reader(): ErofsReader {
    return new ErofsReader(this.#image);
  }

  inode(path: string): Inode {
    for (const node of this.reader.walk()) if (node.path === path) return node.inode;
    throw new Error(`no ${path} in the image`);
  }

  superblock(fields: Partial<ReturnType<typeof SUPERBLOCK.read>>): void {
    SUPERBLOCK.write(this.#view, EROFS_SUPER_OFFSET, fields);
  }

  /** Sets fields that both forms of an inode have, or only the one that it has. */
  set(path: string, fields: Fields): void {
    const { offset, extended } = this.inode(path);
    if (extended) EXTENDED_INODE.write(this.#view, offset, fields);
    else COMPACT_INODE.write(this.#view, offset, fields);
  }

  /** Adds 1 to a byte of the content, or of a link's target. */
  changeContent(path: string, position: number): void {
    for (const extent of this.reader.extents(this.inode(path))) {
      const at = position - extent.position;
      if (at >= 0 && at < extent.length) this.#bytes[extent.offset! + at]!++;
    }
  }

  /** Adds 1 to the first byte that is part of `text` behind the inode. */
  changeBehind(path: string, text: string): void {
    const { xattrStart } = this.inode(path);
    const at = Buffer.from(this.#bytes).indexOf(text, xattrStart, 'latin1');
    this.#bytes[at]!++;
  }

  /** Gives the file an inode of its own with these attributes; what is behind the old one must be nothing. */
  setXattrs(path: string, xattrs: Readonly<Record<string, string>>): void {
    const old = this.inode(path);
    const stored = Object.entries(xattrs).map(([name, value]) => {
      const split = splitXattrName(fromLatin1(name))!;
      return { ...split, value: fromLatin1(value) };
    });
    const body = encodeXattrBody([], stored, xattrNameFilter(stored));
    const size = old.extended ? EXTENDED_INODE.size : COMPACT_INODE.size;
    const offset = this.#append(size + Math.max(body.length, XATTR_HEADER.size));
    this.#bytes.copyWithin(offset, old.offset, old.offset + size);
    this.#bytes.set(body, offset + size);
    COMPACT_INODE.write(this.#view, offset, { xattrCount: xattrCountOf(body.length) });
    const nid = (offset - this.reader.superblock.metaOffset) / INODE_SLOT_SIZE;
    this.setEntries(parentOf(path), (entries) =>
      entries.map((entry) => (entry.name === nameOf(path) ? { ...entry, nid } : entry)),
    );
  }

  /** Puts other entries into a directory. */
  setEntries(
    path: string,
    change: (entries: readonly DirectoryEntry[]) => readonly DirectoryEntry[],
  ): void {
    const inode = this.inode(path);
    const entries = change([...this.reader.entries(inode)]).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    const { blockSize } = this.reader.superblock;
    const offset = this.#append(blockSize);
    const size = writeEntries(this.#bytes.subarray(offset, offset + blockSize), entries);
    const form = (inode.extended ? EXTENDED : 0) | (LAYOUT_FLAT_PLAIN << 1);
    this.set(path, { format: form, size, data: offset / blockSize });
  }

  /** Byte offset of new blocks at the end. */
  #append(length: number): number {
    const { blockSize } = this.reader.superblock;
    const offset = this.#bytes.length;
    const grown = new Uint8Array(offset + roundUp(length, blockSize));
    grown.set(this.#bytes);
    this.#bytes = grown;
    SUPERBLOCK.write(this.#view, EROFS_SUPER_OFFSET, { blocks: grown.length / blockSize });
    return offset;
  }

  get #view(): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  get #image() {
    return { read: (at: number, length: number) => this.#bytes.subarray(at, at + length) };
  }
}

function writeEntries(block: Uint8Array, entries: readonly DirectoryEntry[]): number {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  let nameOffset = entries.length * DIRENT.size;
  for (const [index, { nid, name, fileType }] of entries.entries()) {
    DIRENT.write(view, index * DIRENT.size, { nid, nameOffset, fileType });
    block.set(fromLatin1(name), nameOffset);
    nameOffset += name.length;
  }
  return nameOffset;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
