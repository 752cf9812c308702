/**
 * The table of contents of an image. File data is written while it arrives, so it comes first after the header;
 * all that depends on it follows, and the header, with superblock and root inode, is written last.
 */

import { roundUp } from '../bytes.ts';
import { EROFS_SUPER_OFFSET, INODE_SLOT_SIZE, NULL_BLOCK } from '../erofs/constants.ts';
import { SUPERBLOCK } from '../erofs/records.ts';
import { ErofsWasmError } from '../errors.ts';
import { CONTENT_FLAT } from '../tree/inodes.ts';
import { splitContent } from './content.ts';
import type { ImageTree } from './image-tree.ts';
import { inodeSpan } from './inode-span.ts';
import { MetadataPacker } from './metadata-packer.ts';

/** The header of images with small blocks: as long as a block of the usual size, to hold the root inode. */
const MIN_HEADER_SIZE = 4096;
/** Where the root inode is: right behind the superblock, since its NID must fit 16 bits. */
export const ROOT_ADDRESS = EROFS_SUPER_OFFSET + SUPERBLOCK.size;

/** A stretch of the image, in whole blocks. */
export interface Region {
  readonly name: 'header' | 'data' | 'directories' | 'inodes' | 'xattrs';
  readonly offset: number;
  readonly length: number;
}

export interface Layout {
  readonly blockSize: number;
  /** Ascending, without gaps. */
  readonly regions: readonly Region[];
  readonly size: number;
  /** Numbers of the inode region's blocks that must not be cut off from the block before. */
  readonly continuations: ReadonlySet<number>;
}

/** Bytes before the file data, a whole number of blocks. */
export function headerSize(blockSize: number): number {
  return Math.max(blockSize, MIN_HEADER_SIZE);
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
}

/**
 * Gives every inode its address and every directory its blocks. Throws `E_IMAGE_LIMIT` where the format ends.
 */
export function planLayout(tree: ImageTree, facts: LayoutFacts): Layout {
  const { blockSize, dataEnd } = facts;
  const header = headerSize(blockSize);
  const directoriesEnd = placeDirectories(tree, facts);
  const packer = new MetadataPacker(blockSize, directoriesEnd);
  placeInodes(tree, facts, packer);
  // fsck.erofs 1.5 reads an attribute header behind every inode, even the last one of the image.
  if (facts.sharedXattrBytes === 0 && packer.endsFull) packer.appendEmpty();
  const lengths: [Region['name'], number][] = [
    ['header', header],
    ['data', dataEnd - header],
    ['directories', directoriesEnd - dataEnd],
    ['inodes', packer.blocks * blockSize],
    ['xattrs', roundUp(facts.sharedXattrBytes, blockSize)],
  ];
  const regions = lengths.reduce<Region[]>(appendRegion, []);
  const last = regions[regions.length - 1]!;
  const size = last.offset + last.length;
  checkBlocks(size / blockSize);
  return { blockSize, regions, size, continuations: packer.continuations };
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

function placeDirectories(tree: ImageTree, facts: LayoutFacts): number {
  const { blockSize, xattrOffsets } = facts;
  const { columns } = tree.inodes;
  let end = facts.dataEnd;
  for (const { inode } of tree.directories) {
    const set = columns.xattrSet[inode]!;
    const xattrBytes = xattrOffsets[set + 1]! - xattrOffsets[set]!;
    const taken = inode === tree.rows[0] ? ROOT_ADDRESS % blockSize : 0;
    const split = splitContent(
      columns.size[inode]!,
      xattrBytes + taken,
      blockSize,
      facts.inlineDirectories,
    );
    columns.content[inode] = CONTENT_FLAT;
    columns.startBlock[inode] = split.blocks === 0 ? NULL_BLOCK : end / blockSize;
    columns.suffixLength[inode] = split.inlineBytes;
    end += split.blocks * blockSize;
  }
  return end;
}

function placeInodes(tree: ImageTree, facts: LayoutFacts, packer: MetadataPacker): void {
  const { blockSize, epoch, xattrOffsets } = facts;
  const { columns } = tree.inodes;
  const root = tree.rows[0]!;
  columns.address[root] = ROOT_ADDRESS;
  const rootEnd = ROOT_ADDRESS + inodeSpan(columns, root, epoch, xattrOffsets);
  offerHeader(packer, rootEnd, blockSize);
  for (const row of tree.rows.subarray(1)) {
    columns.address[row] = packer.place(inodeSpan(columns, row, epoch, xattrOffsets));
  }
}

/** What is left of the header takes other inodes. */
function offerHeader(packer: MetadataPacker, rootEnd: number, blockSize: number): void {
  const end = headerSize(blockSize);
  if (rootEnd > end) {
    throw new ErofsWasmError('E_IMAGE_LIMIT', 'the attributes of the root directory are too long', {
      hint: `they must fit ${end - ROOT_ADDRESS} bytes; a larger --block-size gives more`,
    });
  }
  const first = roundUp(rootEnd, INODE_SLOT_SIZE);
  for (let block = roundUp(first, blockSize); block < end; block += blockSize) packer.offer(block);
  if (first % blockSize !== 0) packer.offer(first);
}
