/** Fills sheets with frames, and waits where all sheets are still with the builder. */

import type { TarEntry } from '../tar/entry.ts';
import { type Arena, SHEET_BYTES, sheetOf } from './arena.ts';
import {
  entryFrameSize,
  FRAME_DATA,
  FRAME_END,
  FRAME_HEADER,
  FRAME_HOLE,
  FRAME_WARNING,
  writeEntryFrame,
  writeFrameHeader,
} from './frames.ts';
import type { Places } from './places.ts';
import type { FromParser } from './protocol.ts';

export class FrameWriter {
  readonly #arena: Arena;
  readonly #places: Places;
  readonly #send: (message: FromParser) => void;
  /** Where the frames are: a place of the arena, or memory of their own. */
  #sheet: number | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  constructor(arena: Arena, places: Places, send: (message: FromParser) => void) {
    this.#arena = arena;
    this.#places = places;
    this.#send = send;
  }

  /** Each method returns a promise only where it has to wait. */
  entry(entry: TarEntry): Promise<void> | undefined {
    const size = entryFrameSize(entry);
    if (!this.#fits(size)) return this.#turn(size).then(() => this.entry(entry));
    writeEntryFrame(this.#bytes, this.#view, this.#used, entry);
    this.#used += size;
    return undefined;
  }

  /** `bytes` is a view of the arena's slabs, and stays there. */
  data(bytes: Uint8Array): Promise<void> | undefined {
    return this.#small(FRAME_DATA, 8, (at) => {
      this.#view.setUint32(at, bytes.byteOffset, true);
      this.#view.setUint32(at + 4, bytes.length, true);
    });
  }

  hole(length: number): Promise<void> | undefined {
    return this.#small(FRAME_HOLE, 8, (at) => this.#view.setFloat64(at, length, true));
  }

  end(checksum: number): Promise<void> | undefined {
    return this.#small(FRAME_END, 4, (at) => this.#view.setUint32(at, checksum, true));
  }

  warning(message: string): Promise<void> | undefined {
    const bytes = new TextEncoder().encode(message);
    return this.#small(FRAME_WARNING, bytes.length, (at) => this.#bytes.set(bytes, at));
  }

  /** Sends what has been written; a slab that all of it is about is no longer needed once it has been read. */
  endOfSlab(slab: number): void {
    this.#flush([slab]);
  }

  /** Sends what has been written so far. */
  flush(): void {
    if (this.#used > 0) this.#flush([]);
  }

  #flush(slabs: readonly number[]): void {
    const sheet = this.#sheet;
    const own = sheet === undefined && this.#used > 0 ? { own: this.#bytes } : {};
    this.#send({
      kind: 'frames',
      ...(sheet === undefined ? own : { sheet }),
      length: this.#used,
      slabs,
    });
    this.#sheet = undefined;
    this.#bytes = new Uint8Array(0);
    this.#used = 0;
  }

  #small(kind: number, length: number, fill: (at: number) => void): Promise<void> | undefined {
    const size = FRAME_HEADER + length;
    if (!this.#fits(size)) return this.#turn(size).then(() => this.#small(kind, length, fill));
    fill(this.#begin(kind, length));
    return undefined;
  }

  #fits(size: number): boolean {
    return this.#used + size <= this.#bytes.length;
  }

  #begin(kind: number, length: number): number {
    writeFrameHeader(this.#view, this.#used, kind, length);
    this.#used += FRAME_HEADER + length;
    return this.#used - length;
  }

  /** Turns to a new sheet; an entry with very long attributes gets memory of its own. */
  async #turn(length: number): Promise<void> {
    this.flush();
    if (length > SHEET_BYTES) this.#bytes = new Uint8Array(length);
    else {
      this.#sheet = await this.#places.take();
      this.#bytes = sheetOf(this.#arena, this.#sheet);
    }
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }
}
