/** The inflate engine inside a WASM instance. */

import type { InflateEngine, InflateOutcome } from './inflater.ts';
import type { WasmInstance } from './wasm-instance.ts';

/** By the numbers of assembly/block-header.ts; -1, invalid data, has no place here. */
const OUTCOMES: readonly InflateOutcome[] = ['needs-input', 'output-full', 'ended'];

export class WasmInflateEngine implements InflateEngine {
  readonly capacity: number;
  readonly #instance: WasmInstance;
  readonly #release: (instance: WasmInstance) => void;
  #start: number;

  /** `release` gets the instance back on {@link close}. */
  constructor(instance: WasmInstance, release: (instance: WasmInstance) => void) {
    this.#instance = instance;
    this.#release = release;
    this.#start = instance.outputStart;
    this.capacity = instance.inflateInput.bytes.length;
  }

  reset(): void {
    this.#instance.functions.inflateReset();
    this.#start = this.#instance.outputStart;
  }

  feed(input: Uint8Array): void {
    this.#instance.inflateInput.bytes.set(input);
    this.#instance.functions.inflateFeed(input.length);
  }

  run(): InflateOutcome {
    return OUTCOMES[this.#instance.functions.inflateRun()] ?? 'invalid';
  }

  output(): Uint8Array {
    return this.#instance.memory.subarray(this.#start, this.#instance.functions.inflateEnd());
  }

  take(): void {
    this.#start = this.#instance.functions.inflateSlide();
  }

  unused(): number {
    return this.#instance.functions.inflateUnused();
  }

  close(): void {
    this.#release(this.#instance);
  }
}
