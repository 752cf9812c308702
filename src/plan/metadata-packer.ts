/**
 * Finds a place for each inode: best fit into blocks that have room, so that few bytes of metadata are lost to
 * inline tails that must not cross a block.
 */

import { roundUp } from '../bytes.ts';
import { INODE_SLOT_SIZE } from '../erofs/constants.ts';

export class MetadataPacker {
  readonly #blockSize: number;
  readonly #start: number;
  /** Block addresses by the number of slots left in them; the last one put in is taken first. */
  readonly #room: number[][];
  /** One bit for each list of `#room` that is not empty. */
  readonly #occupied: Uint32Array;
  #blocks = 0;
  readonly #spanning: number[] = [];

  /** `start` is the block-aligned address of the region that new blocks are appended to. */
  constructor(blockSize: number, start: number) {
    const slots = blockSize / INODE_SLOT_SIZE;
    this.#blockSize = blockSize;
    this.#start = start;
    this.#room = Array.from({ length: slots + 1 }, () => []);
    this.#occupied = new Uint32Array((slots >>> 5) + 1);
  }

  /** Blocks appended so far. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Whether the last block appended has no slot left. */
  get endsFull(): boolean {
    const last = this.#start + (this.#blocks - 1) * this.#blockSize;
    return this.#blocks > 0 && !this.#room.some((blocks) => blocks.includes(last));
  }

  /** Appends a block for nothing in particular. */
  appendEmpty(): void {
    this.#blocks++;
  }

  /** Numbers of the blocks that go on with what began in the block before them. */
  get continuations(): ReadonlySet<number> {
    return new Set(this.#spanning);
  }

  /** Offers the rest of a block that lies elsewhere, from `address` to the end of its block. */
  offer(address: number): void {
    const used = address % this.#blockSize;
    const free = used === 0 ? this.#blockSize : this.#blockSize - used;
    this.#put(roundUp(address, this.#blockSize) - (used === 0 ? 0 : this.#blockSize), free);
  }

  /** The address for `span` bytes, at a slot boundary; within one block unless they are longer than one. */
  place(span: number): number {
    if (span > this.#blockSize) return this.#append(span);
    const slots = Math.ceil(span / INODE_SLOT_SIZE);
    const room = this.#smallestRoom(slots);
    if (room < 0) return this.#append(span);
    const block = this.#take(room);
    this.#put(block, (room - slots) * INODE_SLOT_SIZE);
    return block + this.#blockSize - room * INODE_SLOT_SIZE;
  }

  #append(span: number): number {
    const address = this.#start + this.#blocks * this.#blockSize;
    const blocks = Math.ceil(span / this.#blockSize);
    for (let i = 1; i < blocks; i++) this.#spanning.push(this.#blocks + i);
    this.#blocks += blocks;
    const last = address + (blocks - 1) * this.#blockSize;
    const used = roundUp(span, INODE_SLOT_SIZE) - (blocks - 1) * this.#blockSize;
    this.#put(last, this.#blockSize - used);
    return address;
  }

  #put(block: number, freeBytes: number): void {
    const slots = Math.floor(freeBytes / INODE_SLOT_SIZE);
    if (slots === 0) return;
    this.#room[slots]!.push(block);
    this.#occupied[slots >>> 5]! |= 1 << (slots & 31);
  }

  #take(slots: number): number {
    const list = this.#room[slots]!;
    const block = list.pop()!;
    if (list.length === 0) this.#occupied[slots >>> 5]! &= ~(1 << (slots & 31));
    return block;
  }

  /** The least room of at least `slots` that some block has, or -1. */
  #smallestRoom(slots: number): number {
    let word = slots >>> 5;
    let bits = this.#occupied[word]! & (-1 << (slots & 31));
    while (bits === 0) {
      if (++word >= this.#occupied.length) return -1;
      bits = this.#occupied[word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }
}
