/** The packed bytes of a layer as they arrive at its unpacker. */

import type { MessagePort } from 'node:worker_threads';
import { pieceOf } from './arena.ts';
import type { Inbox } from './inbox.ts';
import { cancelled } from './places.ts';
import type { FromUnpacker, ToUnpacker } from './protocol.ts';

export class PackedInput {
  readonly #pieces: SharedArrayBuffer;
  readonly #port: MessagePort;
  readonly #inbox: Inbox<ToUnpacker>;
  #ended = false;

  constructor(pieces: SharedArrayBuffer, port: MessagePort, inbox: Inbox<ToUnpacker>) {
    this.#pieces = pieces;
    this.#port = port;
    this.#inbox = inbox;
  }

  /** What has not been taken yet; each piece is valid until the next is asked for. May be called again after a stop. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    while (!this.#ended) {
      const message = await this.#inbox.next();
      if (message === undefined) throw cancelled();
      if (message.kind !== 'packed') {
        this.#ended = true;
        return;
      }
      try {
        yield pieceOf(this.#pieces, message.piece, message.length);
      } finally {
        this.#port.postMessage({ kind: 'taken', piece: message.piece } satisfies FromUnpacker);
      }
    }
  }
}
