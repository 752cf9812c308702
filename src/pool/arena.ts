/**
 * Memory that the builder and the two threads of a layer share: no byte of a layer is moved or copied between them.
 * Each part is cut into places of one length, filled by one side and given back by another.
 */

import { HISTORY_BYTES, KERNEL_BYTES, ROOM_SLACK, sharedMemory } from '../kernels/shared-memory.ts';

/** Packed bytes are handed over in pieces of this length: a message costs as much as copying some 100 KiB. */
export const PIECE_BYTES = 256 * 1024;
/** Unpacked bytes; a message a slab costs nothing beside unpacking that much. */
export const SLAB_BYTES = 1024 * 1024;
/** From one slab to the next: what inflating into a slab takes before and behind it. Whole pages. */
const SLAB_STRIDE = SLAB_BYTES + 64 * 1024;
/** What a slab may hold: the output of an inflater goes on for a few bytes behind its room. */
export const SLAB_ROOM = SLAB_BYTES + ROOM_SLACK;
/** Frames of the entries in a slab, unless these are very many. */
export const SHEET_BYTES = 256 * 1024;

/** Pieces that may wait for the unpacker: enough to keep it busy while the network pauses. */
const PIECES = 8;
/** Sheets under way: the builder reads each at once. */
const SHEETS = 8;

/** What a layer's two threads work in, from when they begin until they have ended. */
export interface Arena {
  /** Behind what the unpacker's kernels need for themselves; no WASM memory where there is no address space for one. */
  readonly slabs: WebAssembly.Memory | SharedArrayBuffer;
  readonly slabCount: number;
  readonly sheets: SharedArrayBuffer;
}

/** An arena whose parser may be `slabs` slabs behind its unpacker. What is never filled takes no memory. */
export function createArena(slabs: number): Arena {
  return {
    slabs: slabMemory(slabOffset(slabs)),
    slabCount: slabs,
    sheets: new SharedArrayBuffer(SHEETS * SHEET_BYTES),
  };
}

function slabMemory(bytes: number): WebAssembly.Memory | SharedArrayBuffer {
  try {
    return sharedMemory(bytes);
  } catch {
    return new SharedArrayBuffer(bytes);
  }
}

function slabOffset(place: number): number {
  return KERNEL_BYTES + HISTORY_BYTES + place * SLAB_STRIDE;
}

/** Where packed bytes wait for the unpacker, from when they begin to come. */
export function createPieces(): SharedArrayBuffer {
  return new SharedArrayBuffer(PIECES * PIECE_BYTES);
}

/** The first `length` bytes of a place. */
export function pieceOf(
  pieces: SharedArrayBuffer,
  place: number,
  length = PIECE_BYTES,
): Uint8Array {
  return new Uint8Array(pieces, place * PIECE_BYTES, length);
}

/** The memory that all slabs are part of. */
export function slabBytes({ slabs }: Arena): ArrayBufferLike {
  return slabs instanceof SharedArrayBuffer ? slabs : slabs.buffer;
}

/** The first `length` bytes of a slab, {@link SLAB_ROOM} at most. */
export function slabOf(arena: Arena, place: number, length = SLAB_BYTES): Uint8Array {
  return new Uint8Array(slabBytes(arena), slabOffset(place), length);
}

export function sheetOf({ sheets }: Arena, place: number, length = SHEET_BYTES): Uint8Array {
  return new Uint8Array(sheets, place * SHEET_BYTES, length);
}

/** Arenas at rest: one layer after another uses the same memory. */
export class ArenaStock {
  readonly #resting: Arena[] = [];

  take(slabs: number): Arena {
    const index = this.#resting.findIndex((arena) => arena.slabCount === slabs);
    return index < 0 ? createArena(slabs) : this.#resting.splice(index, 1)[0]!;
  }

  /** Only once nobody uses it any more. */
  give(arena: Arena): void {
    this.#resting.push(arena);
  }
}
