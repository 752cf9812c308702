/** The tree inside an EROFS image as our own reader sees it, in the terms of a tree on disk. */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { latin1 } from '../../src/bytes.ts';
import { deviceOf, ErofsReader, type ImageBytes, type Inode } from '../../src/erofs/reader.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { isDevice, isRegular, isSymlink, typeOfMode } from '../../src/posix.ts';
import { buildTree, type RawTreeEntry, type Tree } from './tree-walk.ts';

/** Bytes read at once: metadata is dense, so most reads are served from the one before. */
const WINDOW = 1 << 16;
const ZEROS = Buffer.alloc(1 << 20);

/** An image file, read through one window. */
export class ImageFile implements ImageBytes {
  readonly #descriptor: number;
  #start = 0;
  #window = Buffer.alloc(0);

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  read(offset: number, length: number): Uint8Array {
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      const buffer = Buffer.alloc(Math.max(WINDOW, length));
      const count = readSync(this.#descriptor, buffer, 0, buffer.length, offset);
      this.#window = buffer.subarray(0, count);
      this.#start = offset;
    }
    const at = offset - this.#start;
    return this.#window.subarray(at, at + length);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Opens `bytes` as an image, with its checksum compared. */
export function openImage(bytes: ImageBytes, devices: readonly ImageBytes[] = []): ErofsReader {
  const kernels = createReferenceKernels();
  const { crc32c } = kernels;
  return new ErofsReader(bytes, { crc32c, devices, decompress: createDecompress(kernels) });
}

/** The whole tree of an image file that refers to these other files, device 1 first. */
export function imageTree(path: string, devices: readonly string[] = []): Tree {
  const files = [path, ...devices].map((name) => new ImageFile(name));
  try {
    return treeOf(openImage(files[0]!, files.slice(1)));
  } finally {
    for (const file of files) file.close();
  }
}

/** The whole tree of an open image. */
export function treeOf(reader: ErofsReader): Tree {
  const digests = new Map<number, string>();
  const entries: RawTreeEntry[] = [];
  for (const { path, inode } of reader.walk()) entries.push(entryOf(reader, path, inode, digests));
  return buildTree(entries);
}

function entryOf(
  reader: ErofsReader,
  path: string,
  inode: Inode,
  digests: Map<number, string>,
): RawTreeEntry {
  const device = deviceOf(inode);
  const xattrs = reader.xattrs(inode).map(({ name, value }) => [name, latin1(value)]);
  return {
    path,
    type: typeOfMode(inode.mode)!,
    mode: inode.mode & 0o7777,
    uid: inode.uid,
    gid: inode.gid,
    mtime: BigInt(inode.mtime) * 1_000_000_000n + BigInt(inode.mtimeNsec),
    size: isDevice(inode.mode) ? 0 : inode.size,
    nlink: inode.nlink,
    inode: `${inode.nid}`,
    xattrs: Object.fromEntries(xattrs),
    ...(isSymlink(inode.mode) ? { target: latin1(reader.target(inode)) } : {}),
    ...(device === undefined ? {} : { device: `${device.major}:${device.minor}` }),
    ...(isRegular(inode.mode) ? { sha256: digestOf(reader, inode, digests) } : {}),
  };
}

function digestOf(reader: ErofsReader, inode: Inode, digests: Map<number, string>): string {
  const known = digests.get(inode.nid);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const piece of reader.pieces(inode)) {
    if (piece.kind === 'data') hash.update(piece.bytes);
    else hashZeros(hash, piece.length);
  }
  const digest = hash.digest('hex');
  digests.set(inode.nid, digest);
  return digest;
}

function hashZeros(hash: ReturnType<typeof createHash>, length: number): void {
  for (let done = 0; done < length; done += ZEROS.length) {
    hash.update(ZEROS.subarray(0, Math.min(ZEROS.length, length - done)));
  }
}
