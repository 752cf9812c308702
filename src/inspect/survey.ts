/** One walk over an image that counts all there is to count. */

import { createHash } from 'node:crypto';
import { LAYOUT_CHUNK_BASED, LAYOUT_FLAT_INLINE, LAYOUT_FLAT_PLAIN } from '../erofs/constants.ts';
import type { ErofsReader, ImageXattr, Inode, TreeNode } from '../erofs/reader.ts';
import { HardLinks } from '../image/hard-links.ts';
import type { Turns } from '../image/turns.ts';
import { type FileType, isDevice, isDirectory, isRegular, typeOfMode } from '../posix.ts';
import { ContentUse } from './content-use.ts';
import type { Folder } from './folder.ts';
import { FolderTree } from './folder-tree.ts';
import { Kinds } from './kinds.ts';
import { Largest } from './largest.ts';
import { addShare, emptyTally, type Share, type Tally } from './tally.ts';

/** How many of the largest are told. */
export const LARGEST = 10;

export interface Sized {
  readonly path: string;
  readonly size: number;
  readonly stored: number;
}

export interface XattrTotals {
  /** Attributes of all inodes, and bytes of their names and values. */
  count: number;
  bytes: number;
  /** Of those, references to the shared area, and what is there of them. */
  sharedReferences: number;
  sharedEntries: number;
  sharedBytes: number;
}

const NOTHING = { own: 0, packed: 0 };
const PLAIN_LAYOUTS = new Set([LAYOUT_FLAT_PLAIN, LAYOUT_FLAT_INLINE, LAYOUT_CHUNK_BASED]);

export class Survey {
  readonly use: ContentUse;
  readonly byType = new Map<FileType, Tally>();
  /** Files whose layout is compressed; `stored` is without what they have in the packed inode. */
  readonly compressed = emptyTally();
  /** Regular files by the ends of their names. */
  readonly kinds = new Kinds();
  readonly xattrs: XattrTotals = {
    count: 0,
    bytes: 0,
    sharedReferences: 0,
    sharedEntries: 0,
    sharedBytes: 0,
  };
  /** Names, hard links among them, and inodes. */
  names = 0;
  hardLinks = 0;
  inodes = 0;
  extended = 0;
  filesWithHoles = 0;
  /** Bytes of inodes with the attributes beside them, without those in the metadata zone. */
  inodesInPlace = 0;
  readonly largestFiles = new Largest<Sized>(LARGEST, ({ size }) => size);
  readonly largestFolders = new Largest<Folder>(LARGEST, ({ size }) => size);
  readonly fullestFolders = new Largest<Folder>(LARGEST, ({ entries }) => entries);
  /** What a byte of the packed inode takes of the image. */
  #packedRatio = 0;
  readonly #reader: ErofsReader;
  readonly #links = new HardLinks();
  readonly #sharedXattrs = new Set<string>();

  constructor(reader: ErofsReader) {
    this.#reader = reader;
    this.use = new ContentUse(reader);
  }

  /** Walks all of the image; the topmost directory. Throws `E_IMAGE`, `E_ABORTED`. */
  async run(turns: Turns): Promise<Folder> {
    this.#reader.boundUnpacking();
    await this.#addSpecialInodes(turns);
    const tree = new FolderTree();
    for (const node of this.#reader.walk()) {
      if (turns.areDue) await turns.give();
      tree.add(node.path, isDirectory(node.inode.mode), await this.#addNode(node, turns));
    }
    const root = tree.finish()!;
    this.#rankFolders(root);
    return root;
  }

  /** What no name leads to, but others have their bytes in. */
  async #addSpecialInodes(turns: Turns): Promise<void> {
    const { packedNid, metaboxNid } = this.#reader.superblock;
    for (const nid of [packedNid, metaboxNid]) {
      if (nid === undefined) continue;
      const inode = this.#reader.inode(nid);
      const { own } = await this.use.add(inode, turns);
      this.#addInodeBytes(inode);
      if (nid !== packedNid) continue;
      this.compressed.stored += own;
      this.#packedRatio = inode.size === 0 ? 0 : own / inode.size;
    }
  }

  async #addNode(node: TreeNode, turns: Turns): Promise<Share> {
    const { inode, path } = node;
    this.names++;
    if (this.#links.first(node) !== path) {
      this.hardLinks++;
      return { size: 0, stored: 0 };
    }
    this.inodes++;
    const holesBefore = this.use.totals.holes;
    const { own, packed } = isDevice(inode.mode) ? NOTHING : await this.use.add(inode, turns);
    const stored = own + Math.round(packed * this.#packedRatio) + this.#addInodeBytes(inode);
    if (inode.extended) this.extended++;
    for (const xattr of this.#reader.xattrs(inode)) this.#addXattr(xattr);
    const size = isRegular(inode.mode) ? inode.size : 0;
    this.#tally(inode, { size, stored });
    if (!isRegular(inode.mode)) return { size, stored };
    if (this.use.totals.holes > holesBefore) this.filesWithHoles++;
    if (!PLAIN_LAYOUTS.has(inode.layout)) {
      addShare(this.compressed, { size, stored: own });
    }
    this.kinds.add(path.slice(path.lastIndexOf('/') + 1), { size, stored });
    this.largestFiles.add({ path, size, stored });
    return { size, stored };
  }

  #tally(inode: Inode, share: Share): void {
    const type = typeOfMode(inode.mode)!;
    const tally = this.byType.get(type) ?? emptyTally();
    this.byType.set(type, tally);
    addShare(tally, share);
  }

  /** The inode itself and the room for its attributes. */
  #addInodeBytes(inode: Inode): number {
    const { offset, xattrEnd, inMetabox } = inode;
    const length = xattrEnd - offset;
    if (inMetabox) return length;
    this.inodesInPlace += length;
    this.use.blocks.markMetadata(offset, length);
    return length;
  }

  #addXattr({ name, value, shared }: ImageXattr): void {
    const bytes = name.length + value.length;
    this.xattrs.count++;
    this.xattrs.bytes += bytes;
    if (!shared) return;
    this.xattrs.sharedReferences++;
    // Values may be long and references many: a digest stands for both.
    const key = createHash('sha256').update(`${name}\0`).update(value).digest('base64');
    if (this.#sharedXattrs.has(key)) return;
    this.#sharedXattrs.add(key);
    this.xattrs.sharedEntries++;
    this.xattrs.sharedBytes += bytes;
  }

  #rankFolders(root: Folder): void {
    const pending = [root];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      this.largestFolders.add(folder);
      this.fullestFolders.add(folder);
      // One by one: there may be more of them than a call takes arguments.
      for (const child of folder.folders.toReversed()) pending.push(child);
    }
  }
}
