/** Fills slabs with unpacked bytes and passes them on to the parser. */

import type { MessagePort } from 'node:worker_threads';
import { type Arena, SLAB_BYTES, slabOf } from './arena.ts';
import type { Places } from './places.ts';
import type { ToParser } from './protocol.ts';

export class SlabWriter {
  readonly #arena: Arena;
  readonly #places: Places;
  readonly #parser: MessagePort;
  #slab: number | undefined;
  #used = 0;

  constructor(arena: Arena, places: Places, parser: MessagePort) {
    this.#arena = arena;
    this.#places = places;
    this.#parser = parser;
  }

  /** Copies `bytes`; waits while all slabs are under way. Throws `E_ABORTED` where nobody wants them any more. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      this.#slab ??= await this.#places.take();
      const part = bytes.subarray(done, done + SLAB_BYTES - this.#used);
      slabOf(this.#arena, this.#slab).set(part, this.#used);
      this.#used += part.length;
      done += part.length;
      if (this.#used === SLAB_BYTES) this.flush();
    }
  }

  /** Passes on what there is. */
  flush(): void {
    if (this.#slab === undefined) return;
    const message: ToParser = { kind: 'slab', slab: this.#slab, length: this.#used };
    this.#parser.postMessage(message);
    this.#slab = undefined;
    this.#used = 0;
  }
}
