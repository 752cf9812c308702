/** A layer being read on two threads, seen from the builder: packed bytes go in, frames and content come out. */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { ErofsWasmError, errorFromValue, errorWithin } from '../errors.ts';
import { EMPTY_DIGESTS } from '../oci/digest.ts';
import type { LayerSource } from '../sources/source.ts';
import { type Arena, createPieces, sheetOf, slabBytes } from './arena.ts';
import { Feeder } from './feeder.ts';
import type { Frames } from './frames.ts';
import { Inbox } from './inbox.ts';
import type { Pool } from './pool.ts';
import type {
  FromParser,
  FromUnpacker,
  LayerSummary,
  LayerTasks,
  ParsedLayer,
  ParseTask,
  ToUnpacker,
  UnpackedLayer,
} from './protocol.ts';
import { isLimit } from './unpack-layer.ts';
import { verifyLayer, verifyPacked } from './verify-layer.ts';

/** What a caller may choose about reading a layer. */
export interface LayerReadOptions
  extends Pick<ParseTask, 'kernels' | 'limits' | 'checksumFrom' | 'content' | 'only'> {
  /** Slabs of unpacked bytes that may be ahead of who takes them, of 1 MiB each. */
  readonly slabs: number;
  /** Ends the reading with `E_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the number of packed bytes that have come so far. */
  readonly onProgress?: (packedBytes: number) => void;
}

/** Frames, to be read before the next ones are asked for, and slabs to be given back by {@link LayerStream.release}. */
export interface Batch extends Frames {
  readonly done: readonly number[];
}

type LastWord = Exclude<FromUnpacker, { kind: 'taken' }>;

export class LayerStream {
  readonly #source: LayerSource;
  readonly #pool: Pool;
  /** Set when the threads have begun, and so before anything comes from them. */
  #arena: Arena | undefined;
  readonly #unpacker: MessagePort;
  readonly #parser: MessagePort;
  readonly #frames: Inbox<FromParser>;
  readonly #lastWord: Promise<LastWord | undefined>;
  readonly #cancel = new AbortController();
  readonly #feeder: Feeder;
  readonly #detach: () => void;
  readonly #reading: Promise<void>;
  #summary: LayerSummary | undefined;
  #failure: unknown;

  /** Starts reading at once, as far as the look-ahead allows. */
  constructor(source: LayerSource, pool: Pool, options: LayerReadOptions) {
    const { signal, onProgress } = options;
    const toUnpacker = new MessageChannel();
    const toParser = new MessageChannel();
    this.#source = source;
    this.#pool = pool;
    const pieces = createPieces();
    this.#unpacker = toUnpacker.port1;
    this.#parser = toParser.port1;
    const abort = () => this.#fail(new ErofsWasmError('E_ABORTED', 'cancelled'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#detach = () => signal?.removeEventListener('abort', abort);
    this.#feeder = new Feeder(pieces, (message) => this.#tell(message), onProgress);
    const words = new Inbox<FromUnpacker>(this.#unpacker, (message) => this.#feeder.take(message));
    this.#lastWord = words.next() as Promise<LastWord | undefined>;
    this.#frames = new Inbox<FromParser>(this.#parser);
    this.#reading = pool.readLayer(options.slabs, (arena) => {
      this.#arena = arena;
      return this.#tasks(options, { arena, pieces }, toUnpacker.port2, toParser.port2);
    });
    this.#reading.catch((thrown) => this.#fail(thrown));
    this.#feeder
      .feed(source.open(this.#cancel.signal), this.#cancel.signal)
      .catch((thrown) => this.#fail(thrown));
  }

  #tasks(
    { kernels, limits, checksumFrom, content, only }: LayerReadOptions,
    { arena, pieces }: { arena: Arena; pieces: SharedArrayBuffer },
    unpackerPort: MessagePort,
    parserPort: MessagePort,
  ): LayerTasks {
    const { digest, diffId, size } = this.#source;
    const between = new MessageChannel();
    const work = { kernels, limits, arena };
    return {
      unpack: {
        ...work,
        kind: 'unpack',
        pieces,
        port: unpackerPort,
        parser: between.port1,
        algorithm: algorithmOf(digest),
        declaredBytes: digest === undefined ? 0 : (size ?? Number.MAX_SAFE_INTEGER),
      },
      parse: {
        ...work,
        kind: 'parse',
        port: parserPort,
        unpacker: between.port2,
        algorithm: algorithmOf(diffId),
        mayBeEmpty: EMPTY_DIGESTS.has(diffId ?? ''),
        checksumFrom,
        content,
        ...(only === undefined ? {} : { only }),
      },
    };
  }

  /**
   * What is in the layer, in order; ends when the layer does and is what its source declared. Throws what stopped the
   * source or a thread, `E_SIZE` or `E_DIGEST`.
   */
  async *batches(): AsyncGenerator<Batch> {
    for (;;) {
      const message = await this.#frames.next();
      if (this.#failure !== undefined) throw this.#failure;
      if (message === undefined) throw await this.#silence();
      if (message.kind === 'failed') throw await this.#blame(errorFromValue(message.error));
      if (message.kind === 'parsed') {
        await this.#finish(message.layer);
        return;
      }
      const { sheet, own, length, slabs } = message;
      const arena = this.#arena!;
      const bytes = sheet === undefined ? own : sheetOf(arena, sheet, length);
      yield { sheet: bytes ?? NOTHING, slabs: slabBytes(arena), done: slabs };
      if (sheet !== undefined) this.#parser.postMessage({ sheet });
    }
  }

  /**
   * Reads on without looking, after what came could not be used. Throws `BadCopyError` where the stored bytes are not
   * the layer's own, which explains it; otherwise, and where there is nothing to compare them with, says nothing.
   */
  async checkRest(): Promise<void> {
    if (this.#source.digest === undefined) return;
    this.#tell({ kind: 'discard' });
    const word = await this.#lastWord;
    if (word?.packedDigest === undefined || word.packedBytes === undefined) return;
    verifyPacked(this.#source, word.packedDigest, word.packedBytes);
  }

  /** What the threads found; only after {@link batches} has ended. */
  get summary(): LayerSummary {
    if (this.#summary === undefined) throw new ErofsWasmError('E_INTERNAL', 'a layer is not read');
    return this.#summary;
  }

  /** Gives the slabs of a batch back: nothing of them is needed any more. */
  release({ done }: Batch): void {
    if (done.length > 0) this.#tell({ kind: 'free', slabs: done });
  }

  /** Stops the source and the threads. All that was taken of the layer has been used, where all of it was taken. */
  close(): void {
    const arena = this.#arena;
    this.#arena = undefined;
    if (arena !== undefined && this.#summary !== undefined) {
      this.#reading.then(
        () => this.#pool.reuse(arena),
        () => undefined,
      );
    }
    this.#detach();
    this.#cancel.abort();
    this.#unpacker.close();
    this.#parser.close();
    this.#feeder.close();
  }

  async #finish(parsed: ParsedLayer): Promise<void> {
    const word = await this.#lastWord;
    if (this.#failure !== undefined) throw this.#failure;
    if (word === undefined || word.kind === 'failed') throw await this.#silence();
    const { packedDigest, packedBytes, compression }: UnpackedLayer = word;
    const summary = { ...parsed, packedDigest, packedBytes, compression };
    verifyLayer(this.#source, summary);
    await this.#source.accept?.();
    this.#summary = summary;
  }

  /** Why a parser ended without a word: its unpacker failed, its thread died, or it was told to stop. */
  async #silence(): Promise<unknown> {
    const word = await this.#lastWord;
    if (this.#failure === undefined && word?.kind === 'failed') {
      return this.#blame(errorFromValue(word.error));
    }
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
  async #blame(error: ErofsWasmError): Promise<unknown> {
    try {
      if (!isLimit(error)) await this.checkRest();
    } catch (thrown) {
      return thrown;
    }
    return this.#failure ?? errorWithin(`layer ${this.#source.index}`, error);
  }

  #tell(message: ToUnpacker): void {
    this.#unpacker.postMessage(message);
  }

  /** The first failure counts; closing the ports wakes whoever waits for frames. */
  #fail(thrown: unknown): void {
    this.#failure ??= thrown;
    this.#cancel.abort();
    this.#unpacker.close();
    this.#parser.close();
    this.#feeder.close();
  }
}

const NOTHING = new Uint8Array(0);

function algorithmOf(digest: string | undefined): string {
  return digest?.split(':')[0] ?? 'sha256';
}
