/**
 * The table of contents of an image. File data is written while it arrives, so it comes first after the header;
 * all that depends on it follows, and the header, with superblock and root inode, is written last.
 */

import { roundUp } from '../bytes.ts';
import { INODE_SLOT_SIZE, NULL_BLOCK } from '../erofs/constants.ts';
import { DEVICE_SLOT } from '../erofs/records.ts';
import { ErofsWasmError } from '../errors.ts';
import { CONTENT_FLAT } from '../tree/inodes.ts';
import { type ContentSplit, splitContent } from './content.ts';
import { DEVICE_SLOTS_ADDRESS, headerSize, rootAddress } from './header-room.ts';
import type { ImageTree } from './image-tree.ts';
import { hasInlineTail, inodeSpan } from './inode-span.ts';
import { MetadataPacker } from './metadata-packer.ts';

/** A stretch of the image, in whole blocks. */
export interface Region {
  readonly name: 'header' | 'data' | 'directories' | 'inodes' | 'xattrs';
  readonly offset: number;
  readonly length: number;
}

/** A tar that holds content of the image. */
export interface ExtraDevice {
  /** What names it, at most 64 bytes; may be empty. */
  readonly tag: Uint8Array;
  /** Its length in blocks of the image. */
  readonly blocks: number;
}

/** A device and what the image says of it. */
export interface PlacedDevice extends ExtraDevice {
  /** Byte offset of its slot. */
  readonly slot: number;
  /** Block at which it begins where it follows the image: image and devices are one address space. */
  readonly uniaddr: number;
}

export interface Layout {
  readonly blockSize: number;
  /** Byte offset of the root inode. */
  readonly rootAddress: number;
  /** Device 1 first. */
  readonly devices: readonly PlacedDevice[];
  /** Ascending, without gaps. */
  readonly regions: readonly Region[];
  readonly size: number;
  /** Numbers of the inode region's blocks that must not be cut off from the block before. */
  readonly continuations: ReadonlySet<number>;
}

/** What the layout depends on besides the tree. */
export interface LayoutFacts {
  readonly blockSize: number;
  /** Whether the ends of directories may stand behind their inodes. */
  readonly inlineDirectories: boolean;
  /** Time of inodes in the short form. */
  readonly epoch: number;
  /** Where the file data stopped. */
  readonly dataEnd: number;
  /** Bounds of each attribute set's body. */
  readonly xattrOffsets: Uint32Array;
  readonly sharedXattrBytes: number;
  readonly devices: readonly ExtraDevice[];
}

/**
 * Gives every inode its address and every directory its blocks. Throws `E_IMAGE_LIMIT` where the format ends.
 */
export function planLayout(tree: ImageTree, facts: LayoutFacts): Layout {
  const { blockSize } = facts;
  placeRoot(tree, facts);
  const directoryBlocks = splitDirectories(tree, facts);
  const header = headerLength(tree, facts);
  const data = facts.dataEnd - headerSize(blockSize, facts.devices.length);
  const directories = placeDirectories(tree, directoryBlocks, header + data, blockSize);
  const packer = new MetadataPacker(blockSize, header + data + directories);
  placeInodes(tree, facts, header, packer);
  // fsck.erofs 1.5 reads an attribute header behind every inode, even the last one of the image; no index, though.
  const needsRoom = facts.sharedXattrBytes === 0 && facts.devices.length === 0;
  if (needsRoom && packer.endsFull) packer.appendEmpty();
  const lengths: [Region['name'], number][] = [
    ['header', header],
    ['data', data],
    ['directories', directories],
    ['inodes', packer.blocks * blockSize],
    ['xattrs', roundUp(facts.sharedXattrBytes, blockSize)],
  ];
  const regions = lengths.reduce<Region[]>(appendRegion, []);
  const last = regions[regions.length - 1]!;
  const size = last.offset + last.length;
  checkBlocks(size / blockSize);
  const devices = placeDevices(facts.devices, size / blockSize);
  const root = tree.inodes.columns.address[tree.rows[0]!]!;
  const { continuations } = packer;
  return { blockSize, rootAddress: root, devices, regions, size, continuations };
}

function appendRegion(regions: Region[], [name, length]: [Region['name'], number]): Region[] {
  const before = regions[regions.length - 1];
  const offset = before === undefined ? 0 : before.offset + before.length;
  return [...regions, { name, offset, length }];
}

/** Block numbers are 32 bits wide; the highest one means "none". */
function checkBlocks(blocks: number): void {
  if (blocks < NULL_BLOCK) return;
  throw new ErofsWasmError('E_IMAGE_LIMIT', `the image would have ${blocks} blocks`, {
    hint: 'EROFS can address 4294967294; use a larger --block-size',
  });
}

/** Devices follow the image and each other, as the kernel takes them where they are appended to the image's file. */
function placeDevices(devices: readonly ExtraDevice[], imageBlocks: number): PlacedDevice[] {
  let end = imageBlocks;
  const placed = devices.map((device, index) => {
    const slot = DEVICE_SLOTS_ADDRESS + index * DEVICE_SLOT.size;
    const uniaddr = end;
    end += device.blocks;
    return { ...device, slot, uniaddr };
  });
  if (end < NULL_BLOCK) return placed;
  throw new ErofsWasmError('E_IMAGE_LIMIT', 'the layers are too long for one index', {
    place: `${end} blocks of 512 bytes with the index itself`,
    hint: 'EROFS can address 4294967294; build an image that holds the content',
  });
}

/**
 * Puts the root inode behind superblock and slots, or into the block after them where only there the end of the
 * directory can stand behind it.
 */
function placeRoot(tree: ImageTree, facts: LayoutFacts): void {
  const { blockSize, devices } = facts;
  const root = tree.rows[0]!;
  const first = rootAddress(devices.length);
  const next = roundUp(first, blockSize);
  const inlineAt = (address: number) =>
    splitDirectory(tree, facts, root, address % blockSize).inlineBytes > 0;
  const hasNext = next + blockSize <= headerSize(blockSize, devices.length);
  tree.inodes.columns.address[root] = hasNext && !inlineAt(first) && inlineAt(next) ? next : first;
}

/** Decides which ends of directories stand behind their inodes; returns the number of blocks of each directory. */
function splitDirectories(tree: ImageTree, facts: LayoutFacts): Float64Array {
  const { columns } = tree.inodes;
  const root = tree.rows[0]!;
  return Float64Array.from(tree.directories.inodes, (inode) => {
    const taken = inode === root ? columns.address[root]! % facts.blockSize : 0;
    const split = splitDirectory(tree, facts, inode, taken);
    columns.content[inode] = CONTENT_FLAT;
    columns.suffixLength[inode] = split.inlineBytes;
    return split.blocks;
  });
}

/** `taken` bytes of the inode's block are in front of it. */
function splitDirectory(
  tree: ImageTree,
  { blockSize, xattrOffsets, inlineDirectories }: LayoutFacts,
  inode: number,
  taken: number,
): ContentSplit {
  const { xattrSet, size } = tree.inodes.columns;
  const set = xattrSet[inode]!;
  const xattrBytes = xattrOffsets[set + 1]! - xattrOffsets[set]!;
  return splitContent(size[inode]!, xattrBytes + taken, blockSize, inlineDirectories);
}

/** Gives directories their blocks from `start` on; returns the length of them all. */
function placeDirectories(
  tree: ImageTree,
  blocks: Float64Array,
  start: number,
  blockSize: number,
): number {
  const { startBlock } = tree.inodes.columns;
  let next = start / blockSize;
  tree.directories.inodes.forEach((inode, i) => {
    startBlock[inode] = blocks[i] === 0 ? NULL_BLOCK : next;
    next += blocks[i]!;
  });
  return next * blockSize - start;
}

/** The header is cut behind the root inode where no file data holds what follows in its place. */
function headerLength(tree: ImageTree, facts: LayoutFacts): number {
  const { blockSize, dataEnd, devices } = facts;
  const most = headerSize(blockSize, devices.length);
  const root = tree.inodes.columns.address[tree.rows[0]!]!;
  const end = root + rootSpan(tree, facts);
  if (end > most) {
    throw new ErofsWasmError('E_IMAGE_LIMIT', 'the attributes of the root directory are too long', {
      hint: `they must fit ${most - root} bytes; a larger --block-size gives more`,
    });
  }
  return dataEnd > most ? most : roundUp(end, blockSize);
}

function rootSpan({ inodes, rows }: ImageTree, { epoch, xattrOffsets }: LayoutFacts): number {
  return inodeSpan(inodes.columns, rows[0]!, epoch, xattrOffsets);
}

function placeInodes(
  tree: ImageTree,
  facts: LayoutFacts,
  header: number,
  packer: MetadataPacker,
): void {
  const { epoch, xattrOffsets, devices } = facts;
  const { columns } = tree.inodes;
  // mkfs.erofs lets inodes cross blocks too, and whoever reads an index reads those; small blocks need it most.
  const isIndex = devices.length > 0;
  offerHeader(tree, facts, header, packer);
  for (const row of tree.rows.subarray(1)) {
    const span = inodeSpan(columns, row, epoch, xattrOffsets);
    columns.address[row] = packer.place(span, isIndex && !hasInlineTail(columns, row));
  }
}

/** What is left of the header around the root inode takes other inodes. */
function offerHeader(
  tree: ImageTree,
  facts: LayoutFacts,
  end: number,
  packer: MetadataPacker,
): void {
  const { blockSize, devices } = facts;
  const root = tree.inodes.columns.address[tree.rows[0]!]!;
  const behind = roundUp(root + rootSpan(tree, facts), INODE_SLOT_SIZE);
  for (let at = roundUp(behind, blockSize); at < end; at += blockSize) packer.offer(at);
  if (behind % blockSize !== 0) packer.offer(behind);
  const before = rootAddress(devices.length);
  if (before < root) packer.offer(before);
}
