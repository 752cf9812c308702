/** The tools of one build, and the promise that none of them is left behind. */

import { setMaxListeners } from 'node:events';
import { openFileSink } from '../commit/file-sink.ts';
import type { Sink } from '../commit/sink.ts';
import { ErofsWasmError, toErofsWasmError } from '../errors.ts';
import { createPool, type Pool } from '../pool/pool.ts';
import type { ImageSource } from '../sources/source.ts';
import { Assembly } from './assembly.ts';
import type { BuildEvent, Phase } from './events.ts';
import type { Settings } from './settings.ts';

const MILLISECONDS = 1000;
/** Packed bytes that are unpacked in less time than it takes to start a thread. */
const SMALL_BYTES = 4 * 1024 * 1024;

export class Workshop {
  readonly settings: Settings;
  readonly sink: Sink;
  readonly seconds: Record<Phase, number> = {
    ...{ resolve: 0, read: 0, plan: 0 },
    ...{ encode: 0, verify: 0, commit: 0 },
  };
  #assembly: Assembly | undefined;
  #pool: Pool | undefined;
  readonly #cleanup: (() => Promise<void> | void)[] = [];

  constructor(settings: Settings, sink: Sink) {
    this.settings = settings;
    this.sink = sink;
    this.own(() => sink.discard());
  }

  /** Begins the image of that many layers; what was there of an earlier attempt is thrown away. */
  async begin(layers: number): Promise<void> {
    if (this.#assembly !== undefined) {
      this.#assembly.close();
      await this.sink.restart();
    }
    const assembly = new Assembly(this.settings, this.sink, layers);
    this.#assembly = assembly;
    this.own(() => assembly.close());
  }

  /** What grows while layers are read; only after {@link begin}. */
  get assembly(): Assembly {
    if (this.#assembly === undefined) {
      throw new ErofsWasmError('E_INTERNAL', 'an image is used before it was begun');
    }
    return this.#assembly;
  }

  /** Gives the workshop its threads, which remain the caller's. */
  use(pool: Pool): this {
    this.#pool = pool;
    return this;
  }

  /** Only after {@link use}. */
  get pool(): Pool {
    if (this.#pool === undefined) throw new ErofsWasmError('E_INTERNAL', 'there are no threads');
    return this.#pool;
  }

  /** Runs a step under its name and times it; a cancelled build does not enter it. */
  async phase<T>(phase: Phase, step: () => Promise<T> | T): Promise<T> {
    this.settings.signal?.throwIfAborted();
    this.emit({ type: 'phase', phase });
    this.settings.signal?.throwIfAborted();
    const start = performance.now();
    try {
      return await step();
    } finally {
      this.seconds[phase] += (performance.now() - start) / MILLISECONDS;
    }
  }

  emit(event: BuildEvent): void {
    this.settings.onEvent?.(event);
  }

  /** Says that a layer came with wrong bytes. */
  readonly tellBadCopy = (message: string): void =>
    this.emit({ type: 'warning', code: 'bad-copy', message });

  /** Adds something to be closed when the build is over, before what was there earlier. */
  own(close: () => Promise<void> | void): void {
    this.#cleanup.push(close);
  }

  /** Closes all that is owned, the latest first; one failure does not keep the rest open. */
  async close(): Promise<void> {
    for (const close of this.#cleanup.splice(0).reverse()) {
      await (async () => close())().catch(() => undefined);
    }
  }
}

/** Runs `work` with the threads that settings and source ask for, and ends them. */
export async function withPool<T>(
  settings: Settings,
  source: ImageSource,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const pool = createPool(isSmall(settings, source) ? 0 : settings.threads);
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}

/** Whether the image is there before threads would be, unless the caller wants some. */
function isSmall({ choosesThreads }: Settings, { layers }: ImageSource): boolean {
  const packed = layers.reduce((sum, { size }) => sum + (size ?? Number.POSITIVE_INFINITY), 0);
  return choosesThreads && packed <= SMALL_BYTES;
}

/** Runs `work` with a workshop and leaves nothing behind, whatever happens. */
export async function inWorkshop<T>(
  settings: Settings,
  work: (shop: Workshop) => Promise<T>,
): Promise<T> {
  let shop: Workshop | undefined;
  try {
    // Each layer under way listens, and there are more of them than Node takes for a leak.
    if (settings.signal !== undefined) setMaxListeners(0, settings.signal);
    settings.signal?.throwIfAborted();
    shop = new Workshop(settings, await openFileSink(settings.output));
    return await work(shop);
  } catch (thrown) {
    throw failureOf(settings, thrown, 'nothing was written there');
  } finally {
    await shop?.close();
  }
}

/** What a caller gets to see of anything thrown; `left` says what a cancelled build leaves at its output. */
export function failureOf(
  { signal, output }: Settings,
  thrown: unknown,
  left: string,
): ErofsWasmError {
  if (!signal?.aborted) return toErofsWasmError(thrown);
  return new ErofsWasmError('E_ABORTED', 'cancelled', { place: output, hint: left, cause: thrown });
}
