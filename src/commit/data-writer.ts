/**
 * Appends file data to the image, block after block. Long pieces are lent, not copied: they are written together, and
 * their owner gets them back when a flush has ended. Short ones are copied together.
 */

import type { Sink } from './sink.ts';
import { Staging } from './staging.ts';

/** From here on, a vector of its own in a write costs less than copying the piece. */
const LENT_FROM_BYTES = 16 * 1024;

export class DataWriter {
  readonly #sink: Sink;
  readonly #blockSize: number;
  readonly #zeros: Uint8Array;
  readonly #staging = new Staging();
  #pending: Uint8Array[] = [];
  #pendingStart: number;
  #position: number;
  #flushing: Promise<void> = Promise.resolve();
  /** Where the last finished flush ended, and where those begin that are not finished. */
  #written: number;
  readonly #flushStarts: number[] = [];

  /** Starts at `start`, a block boundary. */
  constructor(sink: Sink, start: number, blockSize: number) {
    this.#sink = sink;
    this.#blockSize = blockSize;
    this.#zeros = new Uint8Array(blockSize);
    this.#pendingStart = start;
    this.#position = start;
    this.#written = start;
  }

  /** Address of the next byte. */
  get position(): number {
    return this.#position;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#position += bytes.length;
    if (bytes.length < LENT_FROM_BYTES) this.#staging.add(bytes, this.#pending);
    else {
      this.#staging.endRun(this.#pending);
      this.#pending.push(bytes);
    }
  }

  /** Fills the last block with zeros. */
  pad(): void {
    const used = this.#position % this.#blockSize;
    if (used > 0) this.append(this.#zeros.subarray(used));
  }

  /** Takes back everything from `address` on, a block boundary that was once the position. */
  rewind(address: number): void {
    this.#staging.endRun(this.#pending);
    while (this.#pending.length > 0 && this.#position > address) {
      const last = this.#pending.pop()!;
      const kept = Math.max(0, last.length - (this.#position - address));
      if (kept > 0) this.#pending.push(last.subarray(0, kept));
      this.#position -= last.length - kept;
    }
    this.#position = address;
    if (this.#pending.length === 0) this.#pendingStart = address;
  }

  /** Whether both stretches of `length` bytes hold the same; what is still pending is written first. */
  async equals(a: number, b: number, length: number): Promise<boolean> {
    if (Math.max(a, b) + length > this.#readable()) await this.flush();
    for (let done = 0; done < length; done += COMPARE_BYTES) {
      const count = Math.min(COMPARE_BYTES, length - done);
      const left = this.#sink.read(a + done, count);
      if (Buffer.compare(left, this.#sink.read(b + done, count)) !== 0) return false;
    }
    return true;
  }

  /** The answer of {@link equals} where it needs no flush: `b` is written and all from `a` on is pending. */
  equalsPending(a: number, b: number, length: number): boolean | undefined {
    if (a < this.#pendingStart || b + length > this.#readable()) return undefined;
    this.#staging.endRun(this.#pending);
    let skip = a - this.#pendingStart;
    let at = b;
    for (const piece of this.#pending) {
      if (skip >= piece.length) {
        skip -= piece.length;
        continue;
      }
      const part = piece.subarray(skip, skip + Math.min(piece.length - skip, b + length - at));
      if (Buffer.compare(part, this.#sink.read(at, part.length)) !== 0) return false;
      at += part.length;
      skip = 0;
    }
    return true;
  }

  /** The sink holds the image's bytes up to here; behind it are older ones that a rewind took back. */
  #readable(): number {
    return Math.min(this.#written, this.#pendingStart, ...this.#flushStarts);
  }

  /**
   * Writes what is pending, after what is being written already. Resolves when lent pieces are free; a failure also
   * reaches every later flush.
   */
  flush(): Promise<void> {
    this.#staging.endRun(this.#pending);
    const staged = this.#staging.takeUsed();
    const pieces = this.#pending;
    const start = this.#pendingStart;
    const end = this.#position;
    this.#pending = [];
    this.#pendingStart = end;
    this.#flushStarts.push(start);
    this.#flushing = this.#flushing.then(async () => {
      await this.#sink.write(start, pieces);
      this.#flushStarts.shift();
      this.#staging.reuse(staged);
      this.#written = end;
    });
    this.#flushing.catch(() => undefined);
    return this.#flushing;
  }
}

/** Bytes compared at a time: large enough that the calls do not count, small beside the buffers. */
const COMPARE_BYTES = 256 * 1024;
