/**
 * Finds a place for each inode: best fit into blocks that have room, so that few bytes of metadata are lost to
 * inline tails that must not cross a block.
 */

import { roundUp } from '../bytes.ts';
import { INODE_SLOT_SIZE } from '../erofs/constants.ts';

/** Blocks that go on with the one before are encoded in one go with it, so that must end somewhere. */
const MAX_CHAIN_BYTES = 64 * 1024;

export class MetadataPacker {
  readonly #blockSize: number;
  readonly #start: number;
  /** Block addresses by the number of slots left in them; the last one put in is taken first. */
  readonly #room: number[][];
  /** One bit for each list of `#room` that is not empty. */
  readonly #occupied: Uint32Array;
  #blocks = 0;
  /** Slots left in the block appended last. */
  #lastRoom = 0;
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
    return this.#blocks > 0 && this.#lastRoom === 0;
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

  /**
   * The address for `span` bytes, at a slot boundary; within one block unless they are longer than one, or `mayCross`
   * and only so no room is lost.
   */
  place(span: number, mayCross: boolean): number {
    if (span > this.#blockSize) return this.#append(span);
    const slots = Math.ceil(span / INODE_SLOT_SIZE);
    const room = this.#smallestRoom(slots);
    if (room < 0) return mayCross && this.#canGoOn ? this.#goOn(slots) : this.#append(span);
    const block = this.#take(room);
    this.#put(block, (room - slots) * INODE_SLOT_SIZE);
    return block + this.#blockSize - room * INODE_SLOT_SIZE;
  }

  /** Whether something may begin in the last block and end in the next. */
  get #canGoOn(): boolean {
    return this.#lastRoom > 0 && (this.#blocks * this.#blockSize) % MAX_CHAIN_BYTES !== 0;
  }

  #goOn(slots: number): number {
    const room = this.#lastRoom;
    this.#take(room, this.#room[room]!.lastIndexOf(this.#lastBlock));
    this.#spanning.push(this.#blocks);
    this.#blocks++;
    this.#put(this.#lastBlock, this.#blockSize - (slots - room) * INODE_SLOT_SIZE);
    return this.#lastBlock - room * INODE_SLOT_SIZE;
  }

  get #lastBlock(): number {
    return this.#start + (this.#blocks - 1) * this.#blockSize;
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
    if (block === this.#lastBlock) this.#lastRoom = slots;
    if (slots === 0) return;
    this.#room[slots]!.push(block);
    this.#occupied[slots >>> 5]! |= 1 << (slots & 31);
  }

  /** The block at `index` of those with so much room; the last one put in by default. */
  #take(slots: number, index = this.#room[slots]!.length - 1): number {
    const list = this.#room[slots]!;
    const [block] = list.splice(index, 1);
    if (list.length === 0) this.#occupied[slots >>> 5]! &= ~(1 << (slots & 31));
    return block!;
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
