/** The host's side of inflating, the same for both kernels: cuts the input, paces the output, finds the end. */

import { ErofsWasmError } from '../errors.ts';
import type { Inflater, InflateStep } from './kernels.ts';

/** Why an engine stopped. */
export type InflateOutcome = 'needs-input' | 'output-full' | 'ended' | 'invalid';

/** A resumable decoder with one input buffer and one output buffer. */
export interface InflateEngine {
  /** Most bytes of one {@link feed}. */
  readonly capacity: number;
  reset(): void;
  /** Takes the next bytes; those before are used up. */
  feed(input: Uint8Array): void;
  run(): InflateOutcome;
  /** The output since the last {@link take}: a view, valid until then. */
  output(): Uint8Array;
  /** Makes room: what {@link output} shows has been read. */
  take(): void;
  /** Bytes fed but not used. */
  unused(): number;
  close(): void;
}

/** Below this a piece waits for more, so that small reads from a network do not make small pieces. */
const SMALLEST_PIECE = 64 * 1024;

/** An {@link Inflater} on top of an engine. */
export function createInflater(engine: InflateEngine): Inflater {
  return new EngineInflater(engine);
}

class EngineInflater implements Inflater {
  readonly #engine: InflateEngine;
  #fed = 0;
  #ended = false;
  #closed = false;

  constructor(engine: InflateEngine) {
    this.#engine = engine;
    engine.reset();
  }

  get offset(): number {
    return this.#fed - this.#engine.unused();
  }

  push(input: Uint8Array, emit: (output: Uint8Array) => void): InflateStep {
    const pieces = this.pieces(input);
    for (;;) {
      const next = pieces.next();
      if (next.done) return next.value;
      emit(next.value);
    }
  }

  *pieces(input: Uint8Array): Generator<Uint8Array, InflateStep, undefined> {
    if (this.#closed) throw new ErofsWasmError('E_INTERNAL', 'an inflater is used after its end');
    let consumed = 0;
    while (consumed < input.length && !this.#ended) {
      const part = input.subarray(consumed, consumed + this.#engine.capacity);
      this.#engine.feed(part);
      this.#fed += part.length;
      yield* this.#drain();
      consumed += part.length - (this.#ended ? this.#engine.unused() : 0);
    }
    return { consumed, ended: this.#ended };
  }

  reset(): void {
    this.#engine.reset();
    this.#fed = 0;
    this.#ended = false;
  }

  close(): void {
    if (!this.#closed) this.#engine.close();
    this.#closed = true;
  }

  *#drain(): Generator<Uint8Array, void, undefined> {
    for (;;) {
      const outcome = this.#engine.run();
      if (outcome === 'invalid') {
        throw new ErofsWasmError('E_COMPRESSION', 'invalid DEFLATE data', {
          place: `byte ${this.offset} of the DEFLATE stream`,
        });
      }
      this.#ended = outcome === 'ended';
      const output = this.#engine.output();
      if (outcome === 'needs-input' && output.length < SMALLEST_PIECE) return;
      if (output.length > 0) yield output;
      this.#engine.take();
      if (outcome !== 'output-full') return;
    }
  }
}
