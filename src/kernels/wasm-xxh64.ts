/** XXH64 through the WASM kernel; each hash keeps its state on this side, so that all share one instance. */

import type { Xxh64 } from './kernels.ts';
import type { WasmInstance } from './wasm-instance.ts';

export class WasmXxh64 implements Xxh64 {
  readonly #instance: WasmInstance;
  readonly #state: Uint8Array;

  constructor(instance: WasmInstance) {
    this.#instance = instance;
    this.#state = new Uint8Array(instance.xxh64State.bytes.length);
    this.reset();
  }

  reset(): void {
    this.#instance.functions.xxh64Reset();
    this.#state.set(this.#instance.xxh64State.bytes);
  }

  update(bytes: Uint8Array): void {
    const { functions, scratch, xxh64State } = this.#instance;
    xxh64State.bytes.set(this.#state);
    for (let at = 0; at < bytes.length; at += scratch.bytes.length) {
      const part = bytes.subarray(at, at + scratch.bytes.length);
      scratch.bytes.set(part);
      functions.xxh64Update(scratch.address, part.length);
    }
    this.#state.set(xxh64State.bytes);
  }

  digest(): bigint {
    this.#instance.xxh64State.bytes.set(this.#state);
    return BigInt.asUintN(64, this.#instance.functions.xxh64Digest());
  }
}
