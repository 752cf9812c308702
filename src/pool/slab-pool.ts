/** The slabs of one layer: made until there are as many as allowed, then used again as they come back. */

import { ErofsWasmError } from '../errors.ts';
import type { SlabPort } from './frame-writer.ts';
import type { FromLayer, LayerTask, ToLayer } from './protocol.ts';

export class SlabPool implements SlabPort {
  readonly #task: LayerTask;
  readonly #free: ArrayBuffer[] = [];
  #made = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(task: LayerTask) {
    this.#task = task;
  }

  accept(message: ToLayer): boolean {
    if (message.kind !== 'slab') return false;
    if (message.buffer.byteLength === this.#task.slabBytes) this.#free.push(message.buffer);
    else this.#made--;
    this.#wake?.();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async take(length: number): Promise<ArrayBuffer> {
    while (this.#free.length === 0 && this.#made >= this.#task.slabs) {
      if (this.#closed) throw cancelled();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (length <= this.#task.slabBytes && this.#free.length > 0) return this.#free.pop()!;
    if (this.#free.length > 0) this.#free.pop();
    else this.#made++;
    return new ArrayBuffer(Math.max(length, this.#task.slabBytes));
  }

  send(buffer: ArrayBuffer, length: number): void {
    const message: FromLayer = { kind: 'slab', buffer, length };
    this.#task.port.postMessage(message, [buffer]);
  }
}

/** Why a layer's reader stops when nobody waits for it. */
export function cancelled(): ErofsWasmError {
  return new ErofsWasmError('E_ABORTED', 'cancelled');
}
