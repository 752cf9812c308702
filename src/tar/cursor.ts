/** A position in a stream that arrives in pieces; blocks and content are views of the piece where possible. */

import { BLOCK_SIZE, type Block } from './header.ts';

const NOTHING = new Uint8Array(0);

export class Cursor {
  #chunk: Uint8Array = NOTHING;
  #view = viewOf(NOTHING);
  #position = 0;
  /** Bytes of all chunks before this one. */
  #before = 0;
  readonly #partial = new Uint8Array(BLOCK_SIZE);
  readonly #partialView = viewOf(this.#partial);
  #held = 0;

  /** Byte offset in the stream of the next byte not yet taken. */
  get offset(): number {
    return this.#before + this.#position;
  }

  /** Bytes of a block taken so far whose rest has not arrived. */
  get heldBytes(): number {
    return this.#held;
  }

  /** Whether the chunk is used up. */
  get isEmpty(): boolean {
    return this.#position === this.#chunk.length;
  }

  /** Goes on with the next chunk. The one before must be used up. */
  load(chunk: Uint8Array): void {
    this.#before += this.#position;
    this.#position = 0;
    // A Buffer's slice() shares memory where a Uint8Array's copies: one plain type downstream.
    this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#view = viewOf(chunk);
  }

  /** Lets go of the chunk. */
  unload(): void {
    this.load(NOTHING);
  }

  /** The next 512 bytes, in the chunk itself if they lie wholly inside; undefined until all have arrived. */
  takeBlock(): Block | undefined {
    if (this.#held === 0 && this.#chunk.length - this.#position >= BLOCK_SIZE) {
      const at = this.#position;
      this.#position += BLOCK_SIZE;
      return { bytes: this.#chunk, view: this.#view, at, offset: this.#before + at };
    }
    const piece = this.takeUpTo(BLOCK_SIZE - this.#held);
    this.#partial.set(piece, this.#held);
    this.#held += piece.length;
    if (this.#held < BLOCK_SIZE) return undefined;
    this.#held = 0;
    const offset = this.offset - BLOCK_SIZE;
    return { bytes: this.#partial, view: this.#partialView, at: 0, offset };
  }

  /** A view of at most `limit` bytes, empty where the chunk is used up. */
  takeUpTo(limit: number): Uint8Array {
    const end = Math.min(this.#chunk.length, this.#position + limit);
    const view = this.#chunk.subarray(this.#position, end);
    this.#position = end;
    return view;
  }

  /** Passes over at most `limit` bytes; returns how many. */
  skipUpTo(limit: number): number {
    const length = Math.min(this.#chunk.length - this.#position, limit);
    this.#position += length;
    return length;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
