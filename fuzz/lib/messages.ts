/** What the thread that fuzzes is told and tells, as plain data. */

import type { Failure } from './judge.ts';

/** What to run; `file` is one kept input that is run in place of new ones. */
export interface FuzzTask {
  readonly target: string;
  readonly seed: number;
  /** Number of the first input. */
  readonly first: number;
  /** Most inputs to run. */
  readonly inputs: number;
  readonly seconds: number;
  readonly file?: string;
  /** Two numbers, see {@link Progress}. */
  readonly progress: SharedArrayBuffer;
}

/** Where a thread is, seen from outside even while it hangs. */
export class Progress {
  readonly #numbers: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Int32Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(8);
  }

  /** Number of the current input, relative to the first one. */
  get input(): number {
    return Atomics.load(this.#numbers, 0);
  }

  set input(value: number) {
    Atomics.store(this.#numbers, 0, value);
    this.tick();
  }

  /** Changes as long as the thread gets on. */
  get ticks(): number {
    return Atomics.load(this.#numbers, 1);
  }

  tick(): void {
    Atomics.add(this.#numbers, 1, 1);
  }
}

/** An input that failed; sent once as it is and once made small. */
export interface FoundFailure {
  readonly number: number;
  readonly failure: Failure;
  readonly input: Uint8Array;
  readonly extension: string;
}

export type FromFuzzer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failure'; readonly found: FoundFailure; readonly isSmallest: boolean }
  | { readonly kind: 'done'; readonly summary: Summary };

/** What a thread has done. */
export interface Summary {
  readonly inputs: number;
  readonly seconds: number;
  /** How often each outcome came. */
  readonly outcomes: ReadonlyMap<string, number>;
}
