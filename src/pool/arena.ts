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

export interface Arena {
  readonly pieces: SharedArrayBuffer;
  readonly slabs: SharedArrayBuffer;
  readonly sheets: SharedArrayBuffer;
}

/** An arena whose parser may be `slabs` slabs behind its unpacker. What is never filled takes no memory. */
export function createArena(slabs: number): Arena {
  return {
    pieces: new SharedArrayBuffer(PIECES * PIECE_BYTES),
    slabs: new SharedArrayBuffer(slabs * SLAB_BYTES),
    sheets: new SharedArrayBuffer(SHEETS * SHEET_BYTES),
  };
}

/** The first `length` bytes of a place. */
export function pieceOf({ pieces }: Arena, place: number, length = PIECE_BYTES): Uint8Array {
  return new Uint8Array(pieces, place * PIECE_BYTES, length);
}

export function slabOf({ slabs }: Arena, place: number, length = SLAB_BYTES): Uint8Array {
  return new Uint8Array(slabs, place * SLAB_BYTES, length);
}

export function sheetOf({ sheets }: Arena, place: number, length = SHEET_BYTES): Uint8Array {
  return new Uint8Array(sheets, place * SHEET_BYTES, length);
}
