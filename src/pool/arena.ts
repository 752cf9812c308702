/**
 * Memory that the builder and the two threads of a layer share: no byte of a layer is moved or copied between them.
 * Each part is cut into places of one length, filled by one side and given back by another.
 */

/** Packed bytes are handed over in pieces of this length: a message costs as much as copying some 100 KiB. */
export const PIECE_BYTES = 256 * 1024;
/** Unpacked bytes; a message a slab costs nothing beside unpacking that much. */
export const SLAB_BYTES = 1024 * 1024;
/** Frames of the entries in a slab, unless these are very many. */
export const SHEET_BYTES = 256 * 1024;

/** Pieces that may wait for the unpacker: enough to keep it busy while the network pauses. */
const PIECES = 8;
/** Sheets under way: the builder reads each at once. */
const SHEETS = 8;

/** What a layer's two threads work in, from when they begin until they have ended. */
export interface Arena {
  readonly slabs: SharedArrayBuffer;
  readonly sheets: SharedArrayBuffer;
}

/** An arena whose parser may be `slabs` slabs behind its unpacker. What is never filled takes no memory. */
export function createArena(slabs: number): Arena {
  return {
    slabs: new SharedArrayBuffer(slabs * SLAB_BYTES),
    sheets: new SharedArrayBuffer(SHEETS * SHEET_BYTES),
  };
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

export function slabOf({ slabs }: Arena, place: number, length = SLAB_BYTES): Uint8Array {
  return new Uint8Array(slabs, place * SLAB_BYTES, length);
}

export function sheetOf({ sheets }: Arena, place: number, length = SHEET_BYTES): Uint8Array {
  return new Uint8Array(sheets, place * SHEET_BYTES, length);
}

/** Arenas at rest: one layer after another uses the same memory. */
export class ArenaStock {
  readonly #resting: Arena[] = [];

  take(slabs: number): Arena {
    const length = slabs * SLAB_BYTES;
    const index = this.#resting.findIndex((arena) => arena.slabs.byteLength === length);
    return index < 0 ? createArena(slabs) : this.#resting.splice(index, 1)[0]!;
  }

  /** Only once nobody uses it any more. */
  give(arena: Arena): void {
    this.#resting.push(arena);
  }
}
