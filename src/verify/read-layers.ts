/** Streams the layers of a source once more, the lowest first, into a model of their tree. */

import { getHeapStatistics } from 'node:v8';
import { toErofsWasmError } from '../errors.ts';
import type { KernelMode } from '../kernels/load.ts';
import { LayerStream } from '../pool/layer-stream.ts';
import type { Pool } from '../pool/pool.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import type { ImageSource, LayerSource } from '../sources/source.ts';
import { LayerIntake } from './layer-intake.ts';
import type { ModelFile } from './model/file.ts';
import { LayerModel } from './model/layers.ts';
import type { Rules } from './rules.ts';
import { FactStore } from './source-facts.ts';

/** Layers that are under way at once; layers that wait hold what they are ahead. */
const MAX_LOOKAHEAD = 4;

/** Of the heap that Node.js may take, for names; the rest is for attributes, the comparison and what comes and goes. */
const HEAP_SHARE = 0.65;

/** What reading needs and tells. */
export interface ReadOptions {
  readonly pool: Pool;
  readonly kernels: KernelMode;
  /** Slabs of 1 MiB that a layer may be ahead. */
  readonly slabs: number;
  readonly maxConnections: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress?: (layer: number, bytes: number) => void;
  readonly onLayer?: (layer: number, summary: LayerSummary) => void;
}

/** The tree of a source by the naive reading, and what its layers say of each entry. */
export interface ModelOfSource {
  readonly root: ModelFile;
  readonly facts: FactStore;
  /** Lowest first. */
  readonly layers: readonly LayerSummary[];
}

/** Throws what stopped a layer, or what is wrong with it. */
export async function readSource(
  source: ImageSource,
  rules: Rules,
  options: ReadOptions,
): Promise<ModelOfSource> {
  const facts = new FactStore(rules);
  const reading = rules.whiteouts === undefined ? rules.reading : 'alone';
  const heap = HEAP_SHARE * getHeapStatistics().heap_size_limit;
  const model = new LayerModel(reading, { ...rules.limits, heap });
  const layers: LayerSummary[] = [];
  const ahead = new Lookahead(source.layers, rules, options);
  try {
    for (const [place, { index }] of source.layers.entries()) {
      const hashes = rules.data === 'full';
      const intake = new LayerIntake(facts, model.next(), { place, number: index, hashes });
      const stream = ahead.take(place);
      await drain(stream, intake);
      layers.push(stream.summary);
      options.onLayer?.(place, stream.summary);
    }
  } finally {
    ahead.close();
  }
  return { root: model.root, facts, layers };
}

async function drain(stream: LayerStream, intake: LayerIntake): Promise<void> {
  for await (const batch of stream.batches()) {
    try {
      intake.take(batch);
    } catch (thrown) {
      await blame(stream, thrown);
    }
    stream.release(batch);
  }
  intake.finish();
}

/** Bytes that are not the layer's own explain whatever they led to; a limit may stand before a layer without an end. */
async function blame(stream: LayerStream, thrown: unknown): Promise<never> {
  const { category, code } = toErofsWasmError(thrown);
  if (category === 'input' && code !== 'E_LIMIT') await stream.checkRest();
  throw thrown;
}

/** Layers under way, from the lowest up: in the order in which they get a thread. */
class Lookahead {
  readonly #layers: readonly LayerSource[];
  readonly #start: (place: number) => LayerStream;
  readonly #streams: LayerStream[] = [];
  readonly #depth: number;

  constructor(layers: readonly LayerSource[], { data, limits }: Rules, options: ReadOptions) {
    const { pool, kernels, slabs, signal, onProgress, maxConnections = MAX_LOOKAHEAD } = options;
    this.#layers = layers;
    this.#depth = pool.threads === 0 ? 1 : Math.min(MAX_LOOKAHEAD, maxConnections);
    this.#start = (place) =>
      new LayerStream(layers[place]!, pool, {
        kernels,
        limits,
        signal,
        content: data === 'zero' ? 'none' : 'all',
        slabs,
        checksumFrom: Number.POSITIVE_INFINITY,
        ...(onProgress === undefined
          ? {}
          : { onProgress: (bytes: number) => onProgress(place, bytes) }),
      });
  }

  /** The stream of that layer; those above it are started too. */
  take(place: number): LayerStream {
    this.#streams[place - 1]?.close();
    const end = Math.min(this.#layers.length, place + this.#depth);
    while (this.#streams.length < end) this.#streams.push(this.#start(this.#streams.length));
    return this.#streams[place]!;
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }
}
