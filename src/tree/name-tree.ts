/**
 * A tree of names in flat columns: bytes in one arena, one hash table over (parent, name) for all directories.
 * Looking up a name costs the same in a directory of ten entries and of a million.
 */

import { fromLatin1, latin1, printable } from '../bytes.ts';
import { DEFAULT_LIMITS, limitError } from '../limits.ts';
import { NO_INODE } from './inodes.ts';
import type { TreeLimits } from './limits.ts';

/** Node 0 stands for "not found". */
export const NO_NODE = 0;
/** The root directory, in every tree. */
export const ROOT = 1;

/** Nothing of lower layers shows below this directory; its own attributes may still come from one. */
export const OPAQUE = 1;
/** All that lower layers have at this name is hidden. */
export const WHITEOUT = 2;
/** This name, or one below it, has an entry of its own; without it a node only carries whiteouts. */
export const LIVE = 4;
/** The name was taken back; it may be given again. */
const GONE = 8;

/** Enough of a path to find it, whatever its length. */
const SHOWN_PATH_CHARS = 256;
const INITIAL_NODES = 4096;
const INITIAL_ARENA = 64 * 1024;
/** Slots for each node in the hash table; two keep probe chains short. */
const SLOTS_PER_NODE = 2;

export class NameTree {
  /** Secret of this tree, so that a layer cannot be made of names that all collide. Never reaches the output. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  #nodes = 2;
  #parent = new Uint32Array(INITIAL_NODES);
  #hash = new Int32Array(INITIAL_NODES);
  #nameOffset = new Float64Array(INITIAL_NODES);
  #nameLength = new Uint8Array(INITIAL_NODES);
  #depth = new Uint16Array(INITIAL_NODES);
  #inode = new Uint32Array(INITIAL_NODES);
  #flags = new Uint8Array(INITIAL_NODES);
  #firstChild = new Uint32Array(INITIAL_NODES);
  #nextSibling = new Uint32Array(INITIAL_NODES);
  #slots = new Uint32Array(INITIAL_NODES * SLOTS_PER_NODE);
  #arena = new Uint8Array(INITIAL_ARENA);
  #arenaUsed = 0;
  readonly #limits: TreeLimits;

  constructor(limits: TreeLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Number of names, those that were taken back included. */
  get count(): number {
    return this.#nodes - 2;
  }

  /** Bytes of all names. */
  get bytes(): number {
    return this.#arenaUsed;
  }

  inodeOf(node: number): number {
    return this.#inode[node]!;
  }

  setInode(node: number, inode: number): void {
    this.#inode[node] = inode;
  }

  parentOf(node: number): number {
    return this.#parent[node]!;
  }

  has(node: number, flag: number): boolean {
    return (this.#flags[node]! & flag) !== 0;
  }

  set(node: number, flag: number): void {
    this.#flags[node]! |= flag;
  }

  nameLengthOf(node: number): number {
    return this.#nameLength[node]!;
  }

  /** The name as a view of the arena; valid until the next name is added. */
  nameOf(node: number): Uint8Array {
    const start = this.#nameOffset[node]!;
    return this.#arena.subarray(start, start + this.#nameLength[node]!);
  }

  /** The path from the root, without a leading slash, one char code a byte. */
  pathOf(node: number): string {
    const parts: string[] = [];
    for (let at = node; at !== ROOT; at = this.#parent[at]!) parts.push(latin1(this.nameOf(at)));
    return parts.reverse().join('/');
  }

  /** Marks `node` and its parents as carrying an entry. */
  markLive(node: number): void {
    for (let at = node; at !== NO_NODE && !this.has(at, LIVE); at = this.#parent[at]!) {
      this.set(at, LIVE);
    }
  }

  /** The child of that name, or {@link NO_NODE}. */
  find(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const slot = this.#probe(parent, this.#hashOf(parent, bytes, start, end), bytes, start, end);
    const node = this.#slots[slot]!;
    return node !== NO_NODE && this.has(node, GONE) ? NO_NODE : node;
  }

  /** The child of that name, made where there was none. Names are 1 to 255 bytes. */
  ensure(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = this.#hashOf(parent, bytes, start, end);
    const slot = this.#probe(parent, hash, bytes, start, end);
    const known = this.#slots[slot]!;
    if (known === NO_NODE) return this.#append(parent, hash, bytes, start, end);
    if (this.has(known, GONE)) this.#revive(known);
    return known;
  }

  /** A name that was taken back is no longer in its parent's list. */
  #revive(node: number): void {
    const parent = this.#parent[node]!;
    this.#flags[node] = 0;
    this.#nextSibling[node] = this.#firstChild[parent]!;
    this.#firstChild[parent] = node;
  }

  *children(node: number): Generator<number> {
    for (let at = this.#firstChild[node]!; at !== NO_NODE; at = this.#nextSibling[at]!) yield at;
  }

  hasChildren(node: number): boolean {
    return this.#firstChild[node] !== NO_NODE;
  }

  /** Takes back everything below `node`, but not `node` itself. */
  removeChildren(node: number): void {
    const pending = [node];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const child of this.children(at)) {
        pending.push(child);
        this.#flags[child] = GONE;
        this.#inode[child] = NO_INODE;
      }
      this.#firstChild[at] = NO_NODE;
    }
  }

  /** Empties `node`: there is nothing at it or below it any more, and no mark on it. */
  clear(node: number): void {
    this.removeChildren(node);
    this.#flags[node] = 0;
    this.#inode[node] = NO_INODE;
  }

  /** Byte order of two nodes' names, as the format wants it (a shorter prefix comes first). */
  compareNames(a: number, b: number): number {
    const arena = this.#arena;
    let atA = this.#nameOffset[a]!;
    let atB = this.#nameOffset[b]!;
    const lengthA = this.#nameLength[a]!;
    const lengthB = this.#nameLength[b]!;
    const end = atA + Math.min(lengthA, lengthB);
    for (; atA < end; atA++, atB++) {
      const difference = arena[atA]! - arena[atB]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  #probe(parent: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = this.#slots[slot]!;
      if (node === NO_NODE) return slot;
      if (this.#hash[node] !== hash || this.#parent[node] !== parent) continue;
      if (this.#nameEquals(node, bytes, start, end)) return slot;
    }
  }

  #nameEquals(node: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#nameLength[node] !== end - start) return false;
    let at = this.#nameOffset[node]!;
    for (let i = start; i < end; i++, at++) if (this.#arena[at] !== bytes[i]) return false;
    return true;
  }

  #hashOf(parent: number, bytes: Uint8Array, start: number, end: number): number {
    let hash = Math.imul(parent ^ this.#seed, 0x9e3779b1);
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ bytes[i]!, 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }

  #append(parent: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const depth = this.#depth[parent]! + 1;
    this.#checkLimits(parent, depth, end - start);
    if (this.#nodes === this.#parent.length) this.#grow();
    const length = end - start;
    this.#reserve(length);
    const node = this.#nodes++;
    this.#arena.set(bytes.subarray(start, end), this.#arenaUsed);
    this.#nameOffset[node] = this.#arenaUsed;
    this.#nameLength[node] = length;
    this.#depth[node] = depth;
    this.#arenaUsed += length;
    this.#parent[node] = parent;
    this.#hash[node] = hash;
    this.#nextSibling[node] = this.#firstChild[parent]!;
    this.#firstChild[parent] = node;
    this.#slots[this.#probe(parent, hash, bytes, start, end)] = node;
    return node;
  }

  #checkLimits(parent: number, depth: number, length: number): void {
    const { entries, pathDepth, pathTotal } = this.#limits;
    if (depth <= pathDepth && this.count < entries && this.bytes + length <= pathTotal) return;
    const [name, what]: [keyof TreeLimits, string] =
      depth > pathDepth
        ? ['pathDepth', 'the depth of a path']
        : this.count < entries
          ? ['pathTotal', 'the length of all names']
          : ['entries', 'the number of names'];
    const place = printable(fromLatin1(this.pathOf(parent).slice(0, SHOWN_PATH_CHARS)));
    throw limitError(name, this.#limits, what, `in ${place}`);
  }

  #reserve(length: number): void {
    if (this.#arenaUsed + length <= this.#arena.length) return;
    this.#arena = enlarged(this.#arena, this.#arena.length * 2);
  }

  #grow(): void {
    const nodes = this.#parent.length * 2;
    this.#parent = enlarged(this.#parent, nodes);
    this.#hash = enlarged(this.#hash, nodes);
    this.#nameOffset = enlarged(this.#nameOffset, nodes);
    this.#nameLength = enlarged(this.#nameLength, nodes);
    this.#depth = enlarged(this.#depth, nodes);
    this.#inode = enlarged(this.#inode, nodes);
    this.#flags = enlarged(this.#flags, nodes);
    this.#firstChild = enlarged(this.#firstChild, nodes);
    this.#nextSibling = enlarged(this.#nextSibling, nodes);
    this.#rehash(nodes * SLOTS_PER_NODE);
  }

  #rehash(size: number): void {
    this.#slots = new Uint32Array(size);
    const mask = size - 1;
    for (let node = ROOT + 1; node < this.#nodes; node++) {
      let slot = this.#hash[node]! & mask;
      while (this.#slots[slot] !== NO_NODE) slot = (slot + 1) & mask;
      this.#slots[slot] = node;
    }
  }
}

type Columns = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

function enlarged<A extends Columns>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}
