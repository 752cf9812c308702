/** Fills slabs with frames, and waits where all slabs are still with the reader. */

import type { TarEntry } from '../tar/entry.ts';
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

/** Less room than this in a slab is not worth a piece of data of its own. */
const SMALLEST_PIECE = 512;

/** Where slabs come from and go to. */
export interface SlabPort {
  /** A free slab of at least `length` bytes; waits where as many as allowed are under way. */
  take(length: number): Promise<ArrayBuffer>;
  send(buffer: ArrayBuffer, length: number): void;
}

export class FrameWriter {
  readonly #port: SlabPort;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  constructor(port: SlabPort) {
    this.#port = port;
  }

  /** Each method returns a promise only where it has to wait. */
  entry(entry: TarEntry): Promise<void> | undefined {
    const size = entryFrameSize(entry);
    if (!this.#fits(size)) return this.#turn(size).then(() => this.entry(entry));
    writeEntryFrame(this.#bytes, this.#view, this.#used, entry);
    this.#used += size;
    return undefined;
  }

  data(bytes: Uint8Array): Promise<void> | undefined {
    const room = this.#bytes.length - this.#used - FRAME_HEADER;
    if (room < Math.min(bytes.length, SMALLEST_PIECE)) {
      return this.#turn(FRAME_HEADER + SMALLEST_PIECE).then(() => this.data(bytes));
    }
    const part = bytes.subarray(0, room);
    this.#bytes.set(part, this.#begin(FRAME_DATA, part.length));
    return part.length < bytes.length ? this.data(bytes.subarray(part.length)) : undefined;
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

  /** Sends what has been written so far. */
  flush(): void {
    if (this.#used > 0) this.#port.send(this.#bytes.buffer, this.#used);
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

  async #turn(length: number): Promise<void> {
    this.flush();
    const buffer = await this.#port.take(length);
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
