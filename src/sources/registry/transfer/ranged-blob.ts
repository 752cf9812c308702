/**
 * A large blob in several closed ranges at once, for registries that limit the speed of each connection. Memory is
 * bounded by {@link MOST_PARTS} times {@link PART_BYTES} a blob, the reader's own piece not counted.
 */

import { ErofsWasmError } from '../../../errors.ts';
import { checkAborted } from '../../abort.ts';
import type { BlobCare } from './blob-care.ts';
import type { BlobOrigin } from './blob-origin.ts';
import { Download, PartRefusedError, type Stretch } from './download.ts';
import { HeldPart } from './held-part.ts';
import { LineSpeed } from './line-speed.ts';
import { pauseAfter, TransientError } from './retry.ts';
import type { SpareConnections } from './spare-connections.ts';

/** Long enough that a request's round trip, and a redirect, are small beside it; short enough to be held. */
export const PART_BYTES = 4 * 1024 * 1024;

/** Parts of one blob under way or waiting to be read. */
export const MOST_PARTS = 4;

/** Below this a blob is there before its parts are all asked for. */
export const RANGED_FROM = 16 * 1024 * 1024;

/** Whether a blob is worth parts, and may be read so. */
export function suitsRanges(
  { spare }: BlobOrigin,
  { size, from }: Stretch,
  care: BlobCare,
): boolean {
  if (care.isClean || care.decodes || care.coding !== '') return false;
  return size - from >= RANGED_FROM && spare?.any === true;
}

/**
 * The bytes of the stretch in order. Ends early, with what it has handed on, where the server does not do parts, or not
 * so many at once: one stream then takes over. Throws what no stream would survive.
 */
export async function* readRanged(
  origin: BlobOrigin,
  stretch: Stretch,
  care: BlobCare,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const parts = new Parts(origin, stretch, care, AbortSignal.any([signal, stop.signal]));
  try {
    yield* parts.read();
  } catch (error) {
    checkAborted(signal);
    if (!makesRoom(error, parts.isFirst)) throw error;
    origin.spare?.stop();
    stop.abort();
    if (error instanceof TransientError) await pauseAfter(error, 1, origin.patience, signal);
  } finally {
    stop.abort();
    await parts.ended();
  }
}

/** Later parts may fail in ways of their own, such as those of another server behind the same name. */
function makesRoom(error: unknown, isFirst: boolean): boolean {
  if (error instanceof TransientError || error instanceof PartRefusedError) return true;
  return error instanceof ErofsWasmError && !isFirst;
}

class Parts {
  readonly #origin: BlobOrigin;
  readonly #stretch: Stretch;
  readonly #care: BlobCare;
  readonly #signal: AbortSignal;
  readonly #spare: SpareConnections | undefined;
  readonly #ahead: HeldPart[] = [];
  /** Where the next part begins. */
  #next: number;
  /** True until the first part is read: the server has not shown yet that it can do this. */
  isFirst = true;

  constructor(origin: BlobOrigin, stretch: Stretch, care: BlobCare, signal: AbortSignal) {
    this.#origin = origin;
    this.#stretch = stretch;
    this.#care = care;
    this.#signal = signal;
    this.#spare = origin.spare;
    this.#next = stretch.from;
  }

  /** The part that is due is read as it comes; those behind it are held until it is through. */
  async *read(): AsyncGenerator<Uint8Array> {
    const isFast = yield* this.#first();
    this.isFirst = false;
    while (!isFast && (this.#next < this.#stretch.size || this.#ahead.length > 0)) {
      const ready = this.#ahead[0];
      const chunks = ready?.chunks() ?? this.#download().read(this.#signal);
      for await (const chunk of chunks) {
        this.#fill(ready === undefined ? MOST_PARTS - 1 : MOST_PARTS);
        yield chunk;
      }
      if (ready !== undefined) this.#ahead.shift();
    }
  }

  /** The first part, with others beside it once it turns out to be slow; true where it is not. */
  async *#first(): AsyncGenerator<Uint8Array, boolean> {
    const part = this.#download();
    const speed = new LineSpeed(this.#origin.patience.timing);
    for await (const chunk of speed.watch(part.read(this.#signal))) {
      // Sent as a whole: nothing is left to be asked for beside it.
      if (part.end > this.#next) this.#next = part.end;
      if (speed.isSlow) this.#fill(MOST_PARTS - 1);
      yield chunk;
    }
    return !speed.isSlow;
  }

  /** Resolves when nothing is under way any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#ahead.map((part) => part.ended));
  }

  /** Asks for more, only while somebody reads: a reader that pauses stops this as well. */
  #fill(most: number): void {
    if (this.#ahead.some((part) => part.hasFailed)) return;
    while (this.#ahead.length < most && this.#next < this.#stretch.size) {
      if (this.#spare?.take() !== true) return;
      const part = new HeldPart(this.#download(), this.#signal);
      part.ended.then(() => this.#spare?.give());
      this.#ahead.push(part);
    }
  }

  #download(): Download {
    const from = this.#next;
    const end = Math.min(from + PART_BYTES, this.#stretch.size);
    this.#next = end;
    return new Download(this.#origin, { ...this.#stretch, from, end }, this.#care);
  }
}
