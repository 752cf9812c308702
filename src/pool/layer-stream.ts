/** A layer being read on a thread, seen from the builder: packed bytes go in, slabs of frames come out. */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { ErofsWasmError, errorFromValue, errorWithin } from '../errors.ts';
import { EMPTY_DIGESTS } from '../oci/digest.ts';
import type { LayerSource } from '../sources/source.ts';
import { Inbox } from './inbox.ts';
import type { Pool } from './pool.ts';
import type { FromLayer, LayerSummary, LayerTask, ToLayer } from './protocol.ts';
import { BadCopyError, verifyLayer, verifyPacked } from './verify-layer.ts';

/** Packed bytes are handed over in pieces of this length: a message costs as much as copying some 100 KiB. */
const PACKED_PIECE_BYTES = 256 * 1024;
/** Pieces that may wait for the reader: enough to keep it busy while the network pauses. */
const PACKED_PIECES = 8;

/** What a caller may choose about reading a layer. */
export interface LayerReadOptions
  extends Omit<
    LayerTask,
    'kind' | 'port' | 'algorithm' | 'diffAlgorithm' | 'declaredBytes' | 'mayBeEmpty'
  > {
  /** Ends the reading with `E_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the number of packed bytes that have come so far. */
  readonly onProgress?: (packedBytes: number) => void;
}

/** A slab of frames; to be given back with {@link LayerStream.release}. */
export interface Slab {
  readonly frames: Uint8Array;
  readonly buffer: ArrayBuffer;
}

export class LayerStream {
  readonly #source: LayerSource;
  readonly #port: MessagePort;
  readonly #inbox: Inbox<FromLayer>;
  readonly #cancel = new AbortController();
  readonly #onProgress: LayerReadOptions['onProgress'];
  readonly #detach: () => void;
  readonly #reading: Promise<void>;
  #summary: LayerSummary | undefined;
  #failure: unknown;
  #credit = PACKED_PIECES;
  #wake: (() => void) | undefined;

  /** Starts reading at once, as far as the look-ahead allows. */
  constructor(source: LayerSource, pool: Pool, options: LayerReadOptions) {
    const { signal, onProgress, ...wishes } = options;
    const { port1, port2 } = new MessageChannel();
    this.#source = source;
    this.#port = port1;
    this.#onProgress = onProgress;
    const abort = () => this.#fail(new ErofsWasmError('E_ABORTED', 'cancelled'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#detach = () => signal?.removeEventListener('abort', abort);
    this.#inbox = new Inbox<FromLayer>(port1, (message) => this.#takeCredit(message));
    const task: LayerTask = {
      ...wishes,
      kind: 'layer',
      port: port2,
      algorithm: algorithmOf(source.digest),
      diffAlgorithm: algorithmOf(source.diffId),
      mayBeEmpty: EMPTY_DIGESTS.has(source.diffId ?? ''),
      declaredBytes: source.digest === undefined ? 0 : (source.size ?? Number.MAX_SAFE_INTEGER),
    };
    this.#reading = pool.readLayer(task);
    this.#reading.catch((thrown) => this.#fail(thrown));
    this.#feed(source).catch((thrown) => this.#fail(thrown));
  }

  /**
   * Slabs in order; ends when the layer does and is what its source declared. Throws what stopped the source or the
   * reader, `E_SIZE` or `E_DIGEST`.
   */
  async *slabs(): AsyncGenerator<Slab> {
    for (;;) {
      const message = await this.#inbox.next();
      if (this.#failure !== undefined) throw this.#failure;
      if (message === undefined) throw await this.#silence();
      if (message.kind === 'failed') throw this.#blame(message);
      if (message.kind === 'slab') {
        const { buffer, length } = message;
        yield { buffer, frames: new Uint8Array(buffer, 0, length) };
      } else if (message.kind === 'done') {
        verifyLayer(this.#source, message.summary);
        await this.#source.accept?.();
        this.#summary = message.summary;
        return;
      }
    }
  }

  /**
   * Reads on without looking, after what came could not be used. Throws `BadCopyError` where the stored bytes are not
   * the layer's own, which explains it; otherwise says nothing.
   */
  async checkRest(): Promise<void> {
    try {
      for await (const slab of this.slabs()) this.release(slab);
    } catch (thrown) {
      if (thrown instanceof BadCopyError) throw thrown;
    }
  }

  /** What the reader found; only after {@link slabs} has ended. */
  get summary(): LayerSummary {
    if (this.#summary === undefined) throw new ErofsWasmError('E_INTERNAL', 'a layer is not read');
    return this.#summary;
  }

  /** Gives a slab back to the reader. */
  release(slab: Slab): void {
    this.#send({ kind: 'slab', buffer: slab.buffer }, [slab.buffer]);
  }

  /** Stops the source and the reader. */
  close(): void {
    this.#detach();
    this.#cancel.abort();
    this.#port.close();
    this.#wake?.();
  }

  /** Why a reader ended without a word: its thread died, or it was told to stop. */
  async #silence(): Promise<unknown> {
    const failure = await this.#reading.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    // A thread that dies makes `#fail` cancel the rest, so what it died of comes before the cancelling.
    const cause = this.#failure ?? failure;
    if (cause !== undefined) return cause;
    if (this.#cancel.signal.aborted) return new ErofsWasmError('E_ABORTED', 'cancelled');
    return new ErofsWasmError('E_INTERNAL', 'a thread ended before its layer was read');
  }

  /** Bytes that are not the layer's own explain any failure to read them. */
  #blame({ error, packedDigest, packedBytes }: FromLayer & { kind: 'failed' }): unknown {
    if (packedDigest !== undefined && packedBytes !== undefined) {
      verifyPacked(this.#source, packedDigest, packedBytes);
    }
    return errorWithin(`layer ${this.#source.index}`, errorFromValue(error));
  }

  async #feed(source: LayerSource): Promise<void> {
    let bytes = 0;
    for await (const piece of pieces(source.open(this.#cancel.signal), PACKED_PIECE_BYTES)) {
      await this.#waitForCredit();
      if (this.#cancel.signal.aborted) return;
      bytes += piece.length;
      this.#credit--;
      this.#send({ kind: 'packed', bytes: piece }, [piece.buffer]);
      this.#onProgress?.(bytes);
    }
    this.#send({ kind: 'end' });
  }

  async #waitForCredit(): Promise<void> {
    while (this.#credit === 0 && !this.#cancel.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #takeCredit(message: FromLayer): boolean {
    if (message.kind !== 'more') return false;
    this.#credit++;
    this.#wake?.();
    return true;
  }

  #send(message: ToLayer, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** The first failure counts; closing the port wakes whoever waits for slabs. */
  #fail(thrown: unknown): void {
    this.#failure ??= thrown;
    this.#cancel.abort();
    this.#port.close();
    this.#wake?.();
  }
}

function algorithmOf(digest: string | undefined): string {
  return digest?.split(':')[0] ?? 'sha256';
}

/** Copies chunks of any length together into buffers of their own, `length` bytes each but for the last. */
async function* pieces(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(length);
  let used = 0;
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.length; ) {
      const part = chunk.subarray(done, done + length - used);
      piece.set(part, used);
      used += part.length;
      done += part.length;
      if (used === length) {
        yield piece;
        piece = new Uint8Array(length);
        used = 0;
      }
    }
  }
  if (used > 0) yield piece.slice(0, used);
}
