/**
 * A reader of EROFS images on the same records as the writer and on none of its code. It believes nothing:
 * any bytes end in a value or in an `E_IMAGE`.
 */

import { isDirectory, isSymlink } from '../posix.ts';
import { specialContent } from './content-bytes.ts';
import { extentsOf } from './content-map.ts';
import type { Decompress } from './decompressor.ts';
import type { Extent } from './extent.ts';
import { type Feature, featuresOf } from './features.ts';
import { fileTypeOf } from './file-types.ts';
import { findEntry, findInode } from './find.ts';
import { inodeName } from './inode-name.ts';
import { MapBudget } from './map-budget.ts';
import { type ImageBytes, imageError } from './read-bytes.ts';
import { type Piece, piecesOf, readContent } from './read-data.ts';
import { type DirectoryEntry, entriesOf } from './read-directory.ts';
import { type Inode, readInode } from './read-inode.ts';
import {
  type Crc32c,
  checksumOf,
  hasChecksum,
  readSuperblock,
  type Superblock,
} from './read-superblock.ts';
import { readXattrPrefixes, type XattrPrefix } from './read-xattr-prefixes.ts';
import { type ImageXattr, readXattrs } from './read-xattrs.ts';
import { SeenDirectories } from './seen-directories.ts';
import { SharedXattrs } from './shared-xattrs.ts';
import { Volume } from './volume.ts';

export type { CompressionAlgorithm, Decompress, DecompressRequest } from './decompressor.ts';
export type { CompressedCluster, Extent } from './extent.ts';
export type { Feature } from './features.ts';
export type { MapBudget } from './map-budget.ts';
export type { ImageBytes } from './read-bytes.ts';
export type { Compression } from './read-compression.ts';
export type { Piece } from './read-data.ts';
export type { Device } from './read-devices.ts';
export type { DirectoryEntry } from './read-directory.ts';
export { deviceOf, type Inode } from './read-inode.ts';
export type { Crc32c, Superblock } from './read-superblock.ts';
export type { XattrPrefix } from './read-xattr-prefixes.ts';
export type { ImageXattr } from './read-xattrs.ts';

/** Longest target of a symlink (`PATH_MAX` with its NUL). */
const MAX_TARGET = 4096;
/** Longest path; Linux opens none of 4096 bytes. */
const MAX_PATH = 65_536;
/** Paths of all directories that a walk is in: room for 16,000 of one letter, or 2,048 of 15 in each other. */
const MAX_OPEN_PATHS = 64 * 1024 * 1024;
/** Bytes of shared attributes that are kept. Tools that label files have a handful of them, below 100 bytes each. */
const MAX_SHARED_XATTRS = 4 * 1024 * 1024;

/** A file at its place in the tree. */
export interface TreeNode {
  /** `/` for the root, else `/a/b`; the bytes of each name as latin1 text. */
  readonly path: string;
  readonly inode: Inode;
}

/** What a reader needs besides the image. */
export interface ReaderParts {
  /** Compares the superblock's checksum, where the image has one. */
  readonly crc32c?: Crc32c | undefined;
  /** Those that the image refers to, device 1 first; without them they are expected behind it, as the kernel does. */
  readonly devices?: readonly ImageBytes[];
  /** Without it, what is compressed cannot be read: `E_COMPRESSION`. */
  readonly decompress?: Decompress | undefined;
}

/**
 * An open image. Besides the clusters of the packed inode and the metabox that were used last, up to 52 MiB each, and
 * 4 MiB of shared attributes, nothing is kept of what is read, so memory does not grow with the image.
 */
export class ErofsReader {
  readonly superblock: Superblock;
  readonly #volume: Volume;
  readonly #sharedXattrs = new SharedXattrs(MAX_SHARED_XATTRS);
  #prefixes: readonly XattrPrefix[] | undefined;

  /** Reads the superblock. Throws `E_IMAGE`. */
  constructor(image: ImageBytes, { crc32c, devices = [], decompress }: ReaderParts = {}) {
    this.superblock = readSuperblock(image);
    this.#volume = new Volume(image, this.superblock, {
      devices,
      decompress,
      contentOf: specialContent,
    });
    if (crc32c === undefined || !hasChecksum(this.superblock)) return;
    if (checksumOf(image, this.superblock, crc32c) !== this.superblock.checksum) {
      throw imageError('the checksum of the superblock does not match', 'superblock');
    }
  }

  /** What the image declares to use of the format. */
  features(): Feature[] {
    return featuresOf(this.superblock.featureCompat, this.superblock.featureIncompat);
  }

  inode(nid: number): Inode {
    return readInode(this.#volume, nid);
  }

  /** The root directory. */
  root(): Inode {
    const root = this.inode(this.superblock.rootNid);
    if (!isDirectory(root.mode)) throw imageError('the root is no directory', inodeName(root.nid));
    return root;
  }

  /** Entries of a directory with `.` and `..`, in byte order of their names. */
  entries(directory: Inode): Generator<DirectoryEntry> {
    return entriesOf(this.#volume, directory);
  }

  /** The inode at a path from the root; symbolic links are not followed. Text is taken as UTF-8. */
  find(path: Uint8Array | string): Inode {
    return findInode(this.#volume, this.root(), path);
  }

  /** What has that name in a directory, as latin1 text; undefined where nothing has. */
  child(directory: Inode, name: string): Inode | undefined {
    const entry = findEntry(this.#volume, directory, name);
    return entry === undefined ? undefined : this.inode(entry.nid);
  }

  xattrs(inode: Inode): ImageXattr[] {
    const prefixes = () => this.xattrPrefixes();
    return readXattrs(this.#volume, inode, { prefixes, shared: this.#sharedXattrs });
  }

  /** The long prefixes that names of attributes may refer to. */
  xattrPrefixes(): readonly XattrPrefix[] {
    this.#prefixes ??= readXattrPrefixes(this.#volume);
    return this.#prefixes;
  }

  /** Where the content lies. */
  extents(inode: Inode): Generator<Extent> {
    return extentsOf(this.#volume, inode);
  }

  /**
   * For who takes one look at all of the image, which begins now: metadata, directories and links are unpacked no more
   * often than the size of the image explains. What is read of them later throws `E_IMAGE` for one too many.
   */
  boundUnpacking(): void {
    this.#volume.boundUnpacking();
  }

  /** For who reads the maps of all inodes, each once. */
  mapBudget(): MapBudget {
    return new MapBudget(this.#volume);
  }

  /** The content in order; a piece of data is valid until anything else is read. */
  pieces(inode: Inode): Generator<Piece> {
    return piecesOf(this.#volume, inode);
  }

  /** The whole content, if it has at most `limit` bytes. */
  content(inode: Inode, limit: number): Uint8Array {
    return readContent(this.#volume, inode, limit);
  }

  /** Target of a symlink, as bytes. */
  target(inode: Inode): Uint8Array {
    if (!isSymlink(inode.mode)) throw imageError('not a symlink', inodeName(inode.nid));
    return this.content(inode, MAX_TARGET);
  }

  /**
   * The tree from `from` down, all of it by default, in tree order: each directory before what is in it, names in byte
   * order. Checks what ties inodes together: `.` and `..`, the types that entries claim, and that a directory has one
   * place only. Keeps the numbers of directories, and one block of each open one. Throws `E_IMAGE`, and `E_LIMIT` for
   * more than 2^24 directories.
   */
  *walk(from: TreeNode = { path: '/', inode: this.root() }): Generator<TreeNode> {
    yield from;
    if (!isDirectory(from.inode.mode)) return;
    const seen = new SeenDirectories();
    seen.add(from);
    const isRoot = from.inode.nid === this.superblock.rootNid;
    const open = [{ path: '', children: this.children(from, isRoot ? from : undefined) }];
    let pathBytes = 0;
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const { value: node, done } = last.children.next();
      if (done === true) {
        open.pop();
        pathBytes -= last.path.length;
        continue;
      }
      yield node;
      if (!isDirectory(node.inode.mode)) continue;
      seen.add(node);
      pathBytes += node.path.length;
      if (pathBytes > MAX_OPEN_PATHS) {
        throw imageError('directories lie too deep in each other', inodeName(node.inode.nid));
      }
      open.push({ path: node.path, children: this.children(node, node.parent) });
    }
  }

  /**
   * What is in a directory, without `.` and `..`, in byte order of the names; `parent` is what `..` must lead to, where
   * that is known. Throws `E_IMAGE`.
   */
  *children(directory: TreeNode, parent?: TreeNode): Generator<TreeNode & { parent: TreeNode }> {
    const { path, inode: self } = directory;
    const place = inodeName(self.nid);
    const prefix = path === '/' ? path : `${path}/`;
    let dots = 0;
    for (const { name, nid, fileType } of this.entries(self)) {
      if (name === '.' || name === '..') {
        const expected = name === '.' ? self : parent?.inode;
        if (expected !== undefined && nid !== expected.nid) {
          throw imageError(`'${name}' leads to ${inodeName(nid)}`, place);
        }
        dots++;
        continue;
      }
      if (prefix.length + name.length > MAX_PATH) throw imageError('a path is too long', place);
      const inode = this.inode(nid);
      if (fileTypeOf(inode.mode) !== fileType) {
        throw imageError(`an entry says type ${fileType} of ${inodeName(nid)}`, place);
      }
      yield { path: prefix + name, inode, parent: directory };
    }
    if (dots !== 2) throw imageError("a directory lacks '.' or '..'", place);
  }
}
