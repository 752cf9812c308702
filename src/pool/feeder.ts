/** Puts the packed bytes of a layer into shared memory, piece after piece, as fast as its unpacker takes them. */

import { PIECE_BYTES, pieceOf } from './arena.ts';
import { Places } from './places.ts';
import type { FromUnpacker, ToUnpacker } from './protocol.ts';

export class Feeder {
  readonly #memory: SharedArrayBuffer;
  readonly #pieces: Places;
  readonly #send: (message: ToUnpacker) => void;
  readonly #onProgress: ((packedBytes: number) => void) | undefined;

  constructor(
    pieces: SharedArrayBuffer,
    send: (message: ToUnpacker) => void,
    onProgress?: (packedBytes: number) => void,
  ) {
    this.#memory = pieces;
    this.#pieces = new Places(pieces.byteLength / PIECE_BYTES);
    this.#send = send;
    this.#onProgress = onProgress;
  }

  /** Whether the message is about a piece that has been taken. */
  take(message: FromUnpacker): boolean {
    if (message.kind !== 'taken') return false;
    this.#pieces.give(message.piece);
    return true;
  }

  /** Feeds all of `chunks`, of any length each, and tells the end. Throws what `chunks` throws. */
  async feed(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    let piece: number | undefined;
    let used = 0;
    let bytes = 0;
    const send = (place: number) => {
      bytes += used;
      this.#send({ kind: 'packed', piece: place, length: used });
      this.#onProgress?.(bytes);
      piece = undefined;
      used = 0;
    };
    for await (const chunk of chunks) {
      for (let done = 0; done < chunk.length; ) {
        piece ??= await this.#pieces.take();
        const part = chunk.subarray(done, done + PIECE_BYTES - used);
        pieceOf(this.#memory, piece).set(part, used);
        used += part.length;
        done += part.length;
        if (used === PIECE_BYTES) send(piece);
      }
    }
    if (signal.aborted) return;
    if (piece !== undefined) send(piece);
    this.#send({ kind: 'end' });
  }

  close(): void {
    this.#pieces.close();
  }
}
