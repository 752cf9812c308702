/** The content of the current file: data as views of the chunk, holes as lengths, in order. */

import type { Cursor } from './cursor.ts';
import type { TarEvent } from './entry.ts';
import type { Pieces } from './sparse-map.ts';

export class Content {
  #pieces: Pieces = [];
  #index = 0;
  /** What is left of the piece at `#index`. */
  #left = 0;

  /** Starts a file; pieces at even indexes are holes. */
  begin(pieces: Pieces): void {
    this.#pieces = pieces;
    this.#index = 0;
    this.#left = pieces[0] ?? 0;
  }

  /** The next piece, `done` after the last one, or `starved` where the chunk is used up before that. */
  next(cursor: Cursor): TarEvent | 'done' | 'starved' {
    while (this.#left === 0) {
      this.#index++;
      if (this.#index >= this.#pieces.length) return 'done';
      this.#left = this.#pieces[this.#index]!;
    }
    return this.#index % 2 === 0 ? this.#hole() : this.#data(cursor);
  }

  #hole(): TarEvent {
    const length = this.#left;
    this.#left = 0;
    return { kind: 'hole', length };
  }

  #data(cursor: Cursor): TarEvent | 'starved' {
    const bytes = cursor.takeUpTo(this.#left);
    if (bytes.length === 0) return 'starved';
    this.#left -= bytes.length;
    return { kind: 'data', bytes };
  }
}
