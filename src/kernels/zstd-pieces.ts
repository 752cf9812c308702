/**
 * Cuts a Zstandard stream at the ends of its frames and drops skippable ones, which pzstd and zstd:chunked write.
 * Node's own decoder stops behind the first frame.
 */

import { ZstdFrames } from './zstd-frames.ts';

export class ZstdPieces {
  readonly #frames = new ZstdFrames();

  /**
   * The frames in the next packed bytes, none of which goes beyond the end of one; they are views of `chunk`, or
   * copies. Throws `E_COMPRESSION` or `E_LIMIT` on headers that are invalid or ask for too much.
   */
  *split(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    const frames = this.#frames;
    let at = 0;
    let start = 0;
    while (at < chunk.length) {
      at += frames.take(chunk.subarray(at));
      while (frames.isPartDone) {
        const done = frames.part;
        const header = frames.bytes;
        frames.next();
        if (done === 'header') {
          start = Math.max(0, at - header.length);
          if (at < header.length) yield header.slice();
          if (at < header.length) start = at;
        }
        if (frames.part === 'magic' && done !== 'skip') {
          yield chunk.subarray(start, at);
          start = at;
        }
      }
    }
    if (frames.frame && start < at) yield chunk.subarray(start, at);
  }

  /** To be called at the end of the stream. Throws `E_TRUNCATED` within a frame. */
  finish(): void {
    this.#frames.finish();
  }
}
