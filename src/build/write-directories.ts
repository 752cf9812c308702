/** Packs all directories on the pool and writes their blocks; tails that go inline are kept for the inodes. */

import { INODE_SLOT_SIZE } from '../erofs/constants.ts';
import { fileTypeOf } from '../erofs/file-types.ts';
import type { DirentBlocks } from '../kernels/kernels.ts';
import type { Directory } from '../plan/directories.ts';
import { entryNameLength, type ImageTree, PARENT, SELF } from '../plan/image-tree.ts';
import { Scratch } from '../pool/scratch.ts';
import type { Assembly } from './assembly.ts';
import { inOrder } from './in-order.ts';
import type { Workshop } from './workshop.ts';

/** Bytes of blocks packed in one go: many directories share a call, and few calls are under way at once. */
const BATCH_BYTES = 512 * 1024;

const DOTS = Uint8Array.of(0x2e, 0x2e);

/** Some directories, or part of a large one: whole blocks, flat. */
interface Batch {
  readonly blocks: DirentBlocks;
  /** Each directory and how many blocks of it are in the batch. */
  readonly parts: readonly (readonly [Directory, number])[];
}

export async function writeDirectories(shop: Workshop, tree: ImageTree): Promise<void> {
  const { assembly, pool } = shop;
  const { blockSize, kernels, signal } = shop.settings;
  const output = new DirectoryOutput(tree, assembly);
  const scratch = new Scratch();
  const run = async ({ blocks }: Batch) => {
    const target = scratch.take(blocks.counts.length * blockSize);
    await pool.encode({ kind: 'directories', blocks, kernels, target });
    return target;
  };
  for await (const [batch, bytes] of inOrder(batches(tree, blockSize), pool.threads + 1, run)) {
    signal?.throwIfAborted();
    let at = 0;
    for (const [directory, count] of batch.parts) {
      output.append(directory, bytes.subarray(at, at + count * blockSize));
      at += count * blockSize;
    }
    await assembly.writer.flush();
    scratch.give(bytes);
  }
}

/** Sends a directory's blocks where the layout wants them. */
class DirectoryOutput {
  readonly #tree: ImageTree;
  readonly #assembly: Assembly;
  #current: Directory | undefined;
  #done = 0;

  constructor(tree: ImageTree, assembly: Assembly) {
    this.#tree = tree;
    this.#assembly = assembly;
  }

  append(directory: Directory, blocks: Uint8Array): void {
    const { columns } = this.#tree.inodes;
    if (this.#current !== directory) {
      this.#current = directory;
      this.#done = 0;
    }
    const size = columns.size[directory.inode]!;
    const inline = columns.suffixLength[directory.inode]!;
    const inBlocks = Math.min(blocks.length, Math.max(0, size - inline - this.#done));
    this.#assembly.writer.append(blocks.subarray(0, inBlocks));
    this.#assembly.writer.pad();
    this.#done += blocks.length;
    if (inline > 0 && this.#done >= size) {
      const tail = blocks.subarray(inBlocks, inBlocks + inline);
      columns.suffixOffset[directory.inode] = this.#assembly.suffixes.append(tail);
    }
  }
}

function* batches(tree: ImageTree, blockSize: number): Generator<Batch> {
  const limit = Math.max(1, BATCH_BYTES / blockSize);
  let builder = new BatchBuilder(tree, blockSize);
  for (const directory of tree.directories) {
    let entry = 0;
    for (const count of directory.counts) {
      builder.addBlock(directory, entry, count);
      entry += count;
      if (builder.blocks < limit) continue;
      yield builder.finish();
      builder = new BatchBuilder(tree, blockSize);
    }
  }
  if (builder.blocks > 0) yield builder.finish();
}

class BatchBuilder {
  readonly #tree: ImageTree;
  readonly #blockSize: number;
  readonly #counts: number[] = [];
  readonly #nameLengths: number[] = [];
  readonly #fileTypes: number[] = [];
  readonly #nids: number[] = [];
  readonly #parts: [Directory, number][] = [];
  #names = new Uint8Array(BATCH_BYTES);
  #nameBytes = 0;

  constructor(tree: ImageTree, blockSize: number) {
    this.#tree = tree;
    this.#blockSize = blockSize;
  }

  get blocks(): number {
    return this.#counts.length;
  }

  addBlock(directory: Directory, first: number, count: number): void {
    this.#counts.push(count);
    const last = this.#parts[this.#parts.length - 1];
    if (last?.[0] === directory) last[1]++;
    else this.#parts.push([directory, 1]);
    for (const entry of directory.entries.subarray(first, first + count)) {
      this.#addEntry(directory, entry);
    }
  }

  finish(): Batch {
    return {
      parts: this.#parts,
      blocks: {
        blockSize: this.#blockSize,
        counts: Uint16Array.from(this.#counts),
        nameLengths: Uint8Array.from(this.#nameLengths),
        fileTypes: Uint8Array.from(this.#fileTypes),
        nids: Float64Array.from(this.#nids),
        names: this.#names.slice(0, this.#nameBytes),
      },
    };
  }

  #addEntry(directory: Directory, entry: number): void {
    const { names, inodes } = this.#tree;
    const length = entryNameLength(names, entry);
    const dots = entry === SELF || entry === PARENT;
    this.#names.set(dots ? DOTS.subarray(0, length) : names.nameOf(entry), this.#nameBytes);
    this.#nameBytes += length;
    this.#nameLengths.push(length);
    const inode = dots ? dotInode(directory, entry) : inodes.resolve(names.inodeOf(entry));
    this.#fileTypes.push(fileTypeOf(inodes.columns.mode[inode]!));
    this.#nids.push(inodes.columns.address[inode]! / INODE_SLOT_SIZE);
  }
}

function dotInode(directory: Directory, entry: number): number {
  return entry === SELF ? directory.inode : directory.parentInode;
}
