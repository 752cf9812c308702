/** Fills slabs with unpacked bytes and passes them on to the parser. */

import type { MessagePort } from 'node:worker_threads';
import type { OutputRoom } from '../kernels/shared-memory.ts';
import { type Arena, SLAB_BYTES, slabOf } from './arena.ts';
import { Places } from './places.ts';
import type { ToParser } from './protocol.ts';

export class SlabWriter {
  readonly #arena: Arena;
  readonly #places: Places;
  readonly #parser: MessagePort;
  /** The slab being filled; there is one from {@link begin} on. */
  #slab = 0;
  #used = 0;

  constructor(arena: Arena, parser: MessagePort) {
    this.#arena = arena;
    this.#places = new Places(arena.slabCount);
    this.#parser = parser;
  }

  /** Where the next bytes may be put before they are written; undefined where kernels have no such memory. */
  get room(): OutputRoom | undefined {
    const { slabs } = this.#arena;
    if (slabs instanceof SharedArrayBuffer) return undefined;
    return { memory: slabs, next: () => slabOf(this.#arena, this.#slab).subarray(this.#used) };
  }

  /** To be called before the first bytes come. */
  async begin(): Promise<void> {
    this.#slab = await this.#places.take();
  }

  /**
   * Copies `bytes`, unless they lie where they belong; then waits for a slab for those that follow, while all are under
   * way. Throws `E_ABORTED` where nobody wants them any more.
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isInPlace(bytes)) {
      this.#used += bytes.length;
      if (this.#used >= SLAB_BYTES) await this.#turn();
      return;
    }
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + SLAB_BYTES - this.#used);
      slabOf(this.#arena, this.#slab).set(part, this.#used);
      this.#used += part.length;
      done += part.length;
      if (this.#used === SLAB_BYTES) await this.#turn();
    }
  }

  /** Passes on what there is; nothing may follow. */
  end(): void {
    if (this.#used > 0) this.#send();
  }

  /** Takes slabs back. */
  give(slabs: readonly number[]): void {
    for (const slab of slabs) this.#places.give(slab);
  }

  /** Ends all waiting: nobody gives slabs back any more. */
  close(): void {
    this.#places.close();
  }

  #isInPlace(bytes: Uint8Array): boolean {
    const slab = slabOf(this.#arena, this.#slab);
    return bytes.buffer === slab.buffer && bytes.byteOffset === slab.byteOffset + this.#used;
  }

  async #turn(): Promise<void> {
    this.#send();
    this.#used = 0;
    this.#slab = await this.#places.take();
  }

  #send(): void {
    const message: ToParser = { kind: 'slab', slab: this.#slab, length: this.#used };
    this.#parser.postMessage(message);
  }
}
