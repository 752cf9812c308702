/** The packed bytes of a layer as they arrive at its reader. */

import type { MessagePort } from 'node:worker_threads';
import type { Inbox } from './inbox.ts';
import type { FromLayer, ToLayer } from './protocol.ts';
import { cancelled } from './slab-pool.ts';

export class PackedInput {
  readonly #port: MessagePort;
  readonly #inbox: Inbox<ToLayer>;
  #ended = false;

  constructor(port: MessagePort, inbox: Inbox<ToLayer>) {
    this.#port = port;
    this.#inbox = inbox;
  }

  /** What has not been taken yet; each piece that is taken asks for one more. May be called again after a stop. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    while (!this.#ended) {
      const message = await this.#inbox.next();
      if (message === undefined) throw cancelled();
      if (message.kind !== 'packed') {
        this.#ended = true;
        return;
      }
      this.#port.postMessage({ kind: 'more' } satisfies FromLayer);
      yield message.bytes;
    }
  }
}
