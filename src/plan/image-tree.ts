/** The tree as it will be in the image: live names in order, link counts, directories with their sizes. */

import { splitDirents } from '../erofs/dirents.ts';
import { isDirectory, S_IFDIR } from '../posix.ts';
import type { InodeAttributes, Inodes } from '../tree/inodes.ts';
import { NO_INODE } from '../tree/inodes.ts';
import { LIVE, type NameTree, ROOT } from '../tree/name-tree.ts';
import { Directories, type Directory } from './directories.ts';

/** Stand in a directory's list for its own entry and its parent's. */
export const SELF = 0xffffffff;
export const PARENT = 0xfffffffe;
const DOT = 0x2e;

export interface ImageTree {
  readonly names: NameTree;
  readonly inodes: Inodes;
  /** Parents before their children. */
  readonly directories: Directories;
  /** Rows of all inodes of the image: the root first, then in the order of their entries. */
  readonly rows: Uint32Array;
}

/** Attributes of a directory that no layer describes. */
export function undescribed(uid: number, gid: number, mtime: number): InodeAttributes {
  const mode = S_IFDIR | 0o755;
  return { mode, uid, gid, mtime, mtimeNsec: 0, size: 0, device: 0, xattrSet: 0 };
}

/** The tree of `names`; directories that no layer describes get the attributes of `missing`. */
export function buildImageTree(
  names: NameTree,
  inodes: Inodes,
  missing: InodeAttributes,
  blockSize: number,
): ImageTree {
  const directories = new Directories();
  const root = directoryInode(names, inodes, ROOT, missing);
  // Two stacks of numbers, since there may be millions of directories in one.
  const nodes = [ROOT];
  const parents = [root];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const parentInode = parents.pop()!;
    const inode = directoryInode(names, inodes, node, missing);
    const children = liveChildren(names, node);
    countLinks(names, inodes, inode, children);
    directories.add(describe(names, inodes, inode, parentInode, children, blockSize));
    for (const child of children) {
      if (!isDirectoryNode(names, inodes, child)) continue;
      nodes.push(child);
      parents.push(inode);
    }
  }
  return { names, inodes, directories, rows: liveRows(inodes, root) };
}

function directoryInode(
  names: NameTree,
  inodes: Inodes,
  node: number,
  missing: InodeAttributes,
): number {
  if (names.inodeOf(node) === NO_INODE) names.setInode(node, inodes.add(missing));
  return inodes.resolve(names.inodeOf(node));
}

function liveChildren(names: NameTree, node: number): Uint32Array {
  const children: number[] = [];
  for (const child of names.children(node)) if (names.has(child, LIVE)) children.push(child);
  return Uint32Array.from(children).sort((a, b) => names.compareNames(a, b));
}

function isDirectoryNode(names: NameTree, inodes: Inodes, node: number): boolean {
  const inode = inodes.resolve(names.inodeOf(node));
  return inode === NO_INODE || isDirectory(inodes.columns.mode[inode]!);
}

/** A directory has a link from its parent, its own `.`, and a `..` from each directory in it. */
function countLinks(names: NameTree, inodes: Inodes, inode: number, children: Uint32Array): void {
  let subdirectories = 0;
  for (const child of children) {
    if (isDirectoryNode(names, inodes, child)) subdirectories++;
    else inodes.columns.nlink[inodes.resolve(names.inodeOf(child))]!++;
  }
  inodes.columns.nlink[inode] = 2 + subdirectories;
}

function describe(
  names: NameTree,
  inodes: Inodes,
  inode: number,
  parentInode: number,
  children: Uint32Array,
  blockSize: number,
): Directory {
  const entries = withDots(names, children);
  const lengths = Uint8Array.from(entries, (entry) => entryNameLength(names, entry));
  const { counts, size } = splitDirents(lengths, blockSize);
  inodes.columns.size[inode] = size;
  return { inode, parentInode, entries, counts };
}

/** `.` and `..` stand among the other names in byte order, which is what the kernel's bisection expects. */
function withDots(names: NameTree, children: Uint32Array): Uint32Array {
  const self = children.findIndex((child) => compareToDots(names.nameOf(child), 1) > 0);
  const parent = children.findIndex((child) => compareToDots(names.nameOf(child), 2) > 0);
  const atSelf = self < 0 ? children.length : self;
  const atParent = parent < 0 ? children.length : parent;
  const entries = new Uint32Array(children.length + 2);
  entries.set(children.subarray(0, atSelf));
  entries[atSelf] = SELF;
  entries.set(children.subarray(atSelf, atParent), atSelf + 1);
  entries[atParent + 1] = PARENT;
  entries.set(children.subarray(atParent), atParent + 2);
  return entries;
}

/** Order of a name relative to a name of `dots` dots; never 0, as no child has such a name. */
function compareToDots(name: Uint8Array, dots: number): number {
  for (let i = 0; i < dots; i++) {
    if (i === name.length) return -1;
    if (name[i] !== DOT) return name[i]! - DOT;
  }
  return 1;
}

export function entryNameLength(names: NameTree, entry: number): number {
  if (entry === SELF) return 1;
  return entry === PARENT ? 2 : names.nameLengthOf(entry);
}

function liveRows(inodes: Inodes, root: number): Uint32Array {
  const rows = [root];
  const { nlink } = inodes.columns;
  for (let row = 1; row < inodes.count; row++) if (nlink[row]! > 0 && row !== root) rows.push(row);
  return Uint32Array.from(rows);
}
