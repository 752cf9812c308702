/** Writes all inodes in stretches that threads encode, and the header's own stretch apart, for the very end. */

import type { Layout } from '../plan/layout.ts';
import type { InodesTask } from '../pool/protocol.ts';
import { Scratch } from '../pool/scratch.ts';
import type { Assembly } from './assembly.ts';
import { inOrder } from './in-order.ts';
import type { ImagePlan } from './plan-image.ts';
import type { Workshop } from './workshop.ts';

/** Bytes of inodes encoded in one go. */
const STRETCH_BYTES = 1024 * 1024;

/** Writes the inode region, and returns the header with its inodes in it. */
export async function writeInodes(shop: Workshop, plan: ImagePlan): Promise<Uint8Array> {
  const { pool, assembly } = shop;
  const rows = new RowsByBlock(plan);
  const scratch = new Scratch();
  const run = async ({ offset, length }: Stretch) => {
    const task = inodesTask(plan, assembly, scratch, offset, length, rows.between(offset, length));
    await pool.encode(task);
    scratch.give(task.suffixes);
    return task.target;
  };
  for await (const [, bytes] of inOrder(inodeStretches(plan.layout), pool.threads + 1, run)) {
    shop.settings.signal?.throwIfAborted();
    assembly.writer.append(bytes);
    await assembly.writer.flush();
    scratch.give(bytes);
  }
  const [header] = plan.layout.regions;
  return run(header!);
}

interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** The inode region, cut where no inode goes on in the next block. */
function* inodeStretches({ regions, blockSize, continuations }: Layout): Generator<Stretch> {
  const { offset, length } = regions.find(({ name }) => name === 'inodes')!;
  const blocks = length / blockSize;
  const step = Math.max(1, STRETCH_BYTES / blockSize);
  for (let first = 0; first < blocks; ) {
    let end = Math.min(blocks, first + step);
    while (continuations.has(end)) end++;
    yield { offset: offset + first * blockSize, length: (end - first) * blockSize };
    first = end;
  }
}

/** Serial numbers of the inodes that begin in each block of the header and of the inode region. */
class RowsByBlock {
  readonly #plan: ImagePlan;
  /** Positions in `tree.rows`, sorted by the block of their address. */
  readonly #sorted: Uint32Array;
  readonly #bounds: Uint32Array;
  readonly #regionStart: number;
  readonly #headerBlocks: number;

  constructor(plan: ImagePlan) {
    const { tree, layout } = plan;
    const [header] = layout.regions;
    const region = layout.regions.find(({ name }) => name === 'inodes')!;
    this.#plan = plan;
    this.#headerBlocks = header!.length / layout.blockSize;
    this.#regionStart = region.offset;
    const slots = this.#headerBlocks + region.length / layout.blockSize;
    this.#bounds = new Uint32Array(slots + 1);
    this.#sorted = new Uint32Array(tree.rows.length);
    this.#sort();
  }

  /** Positions in `tree.rows` of the inodes in that stretch. */
  between(offset: number, length: number): Uint32Array {
    const first = this.#slot(offset);
    const end = first + length / this.#plan.layout.blockSize;
    return this.#sorted.subarray(this.#bounds[first]!, this.#bounds[end]!);
  }

  #slot(address: number): number {
    const { blockSize } = this.#plan.layout;
    if (address < this.#headerBlocks * blockSize) return Math.floor(address / blockSize);
    return this.#headerBlocks + Math.floor((address - this.#regionStart) / blockSize);
  }

  /** Counting sort: linear in inodes and blocks. */
  #sort(): void {
    const { rows, inodes } = this.#plan.tree;
    const { address } = inodes.columns;
    for (const row of rows) this.#bounds[this.#slot(address[row]!) + 1]!++;
    for (let i = 1; i < this.#bounds.length; i++) this.#bounds[i]! += this.#bounds[i - 1]!;
    const next = this.#bounds.slice();
    rows.forEach((row, position) => {
      this.#sorted[next[this.#slot(address[row]!)]!++] = position;
    });
  }
}

function inodesTask(
  plan: ImagePlan,
  assembly: Assembly,
  scratch: Scratch,
  address: number,
  length: number,
  positions: Uint32Array,
): InodesTask {
  const { tree, xattrBodies, xattrOffsets, epoch } = plan;
  const { columns } = tree.inodes;
  const rows = positions.map((position) => tree.rows[position]!);
  return {
    kind: 'inodes',
    columns,
    xattrBodies,
    xattrOffsets,
    epoch,
    address,
    target: scratch.take(length),
    rows,
    serials: positions.map((position) => position + 1),
    suffixes: gatherSuffixes(assembly, scratch, rows),
  };
}

function gatherSuffixes(
  { inodes, suffixes }: Assembly,
  scratch: Scratch,
  rows: Uint32Array,
): Uint8Array {
  const { suffixOffset, suffixLength } = inodes.columns;
  const bytes = scratch.take(rows.reduce((sum, row) => sum + suffixLength[row]!, 0));
  let at = 0;
  for (const row of rows) {
    const end = at + suffixLength[row]!;
    suffixes.read(suffixOffset[row]!, bytes.subarray(at, end));
    at = end;
  }
  return bytes;
}
