/** The inflate engine inside a WASM instance. */

import type { InflateEngine, InflateOutcome } from './inflater.ts';
import type { OutputRoom } from './shared-memory.ts';
import type { WasmInstance } from './wasm-instance.ts';

/** By the numbers of assembly/block-header.ts; -1, invalid data, has no place here. */
const OUTCOMES: readonly InflateOutcome[] = ['needs-input', 'output-full', 'ended'];

export class WasmInflateEngine implements InflateEngine {
  readonly capacity: number;
  readonly #instance: WasmInstance;
  readonly #release: (instance: WasmInstance) => void;
  readonly #room: () => Uint8Array;
  #start = 0;

  /** `release` gets the instance back on {@link close}. Without a `room`, output goes to the instance's own buffer. */
  constructor(
    instance: WasmInstance,
    release: (instance: WasmInstance) => void,
    room?: OutputRoom,
  ) {
    this.#instance = instance;
    this.#release = release;
    this.#room = room === undefined ? () => instance.inflateOutput.bytes : () => room.next();
    this.capacity = instance.inflateInput.bytes.length;
  }

  reset(): void {
    this.#instance.functions.inflateReset();
    this.take();
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
    const { byteOffset, length } = this.#room();
    this.#instance.functions.inflateMove(byteOffset, length);
    this.#start = byteOffset;
  }

  unused(): number {
    return this.#instance.functions.inflateUnused();
  }

  close(): void {
    this.#release(this.#instance);
  }
}
