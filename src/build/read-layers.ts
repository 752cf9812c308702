/**
 * Reads all layers side by side and merges them from the top down: what an upper layer hides is known before the
 * lower layer's bytes pass by, and is never written.
 */

import { toErofsWasmError } from '../errors.ts';
import type { Frames } from '../pool/frames.ts';
import { type Batch, type LayerReadOptions, LayerStream } from '../pool/layer-stream.ts';
import type { Pool } from '../pool/pool.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import type { ImageSource, LayerSource } from '../sources/source.ts';
import type { Assembly } from './assembly.ts';
import { LayerReader } from './layer-reader.ts';
import type { Workshop } from './workshop.ts';

/** Layers that are downloaded ahead even where there are fewer threads to unpack them. */
const MIN_LOOKAHEAD = 4;

/** Puts all layers into the assembly; returns what is known of each, lowest first. */
export async function readLayers(shop: Workshop, source: ImageSource): Promise<LayerSummary[]> {
  const { assembly } = shop;
  const ahead = new Lookahead(source.layers, shop.pool, assembly);
  const summaries: LayerSummary[] = [];
  try {
    for (let index = source.layers.length - 1; index >= 0; index--) {
      const reader = new LayerReader(assembly, index, source.layers[index]!);
      const summary = await drain(ahead.take(index), assembly, (frames) => reader.take(frames));
      reader.finish(summary);
      assembly.merged.add(reader.tree);
      summaries.unshift(summary);
      reportLayer(shop, index, summary);
    }
    assembly.merged.finish();
    return summaries;
  } finally {
    ahead.close();
  }
}

/** How the readers of an assembly's layers work. */
export function readOptions(assembly: Assembly): LayerReadOptions {
  const { data, index, kernels, limits, blockSize, signal, shares } = assembly.settings;
  return {
    kernels,
    limits,
    signal,
    content: data === 'zero' ? 'none' : index ? 'sparse' : 'all',
    slabs: shares.slabs,
    checksumFrom: blockSize / 2,
  };
}

/** Feeds all frames to `take` and writes what came of them; the next are taken while those are written. */
export async function drain(
  stream: LayerStream,
  assembly: Assembly,
  take: (frames: Frames) => Promise<void>,
): Promise<LayerSummary> {
  let writing = Promise.resolve();
  try {
    for await (const batch of stream.batches()) {
      await take(batch).catch((thrown) => blame(stream, thrown));
      await writing;
      writing = writeOut(assembly, stream, batch);
      writing.catch(() => undefined);
    }
  } finally {
    // Not even a failure leaves a write under way: the image may be begun anew.
    await writing;
  }
  return stream.summary;
}

/** Bytes that are not the layer's own explain whatever they led to; a limit may stand before a layer without an end. */
async function blame(stream: LayerStream, thrown: unknown): Promise<never> {
  const { category, code } = toErofsWasmError(thrown);
  if (category === 'input' && code !== 'E_LIMIT') await stream.checkRest();
  throw thrown;
}

async function writeOut(assembly: Assembly, stream: LayerStream, batch: Batch): Promise<void> {
  await assembly.writer.flush();
  stream.release(batch);
}

function reportLayer(shop: Workshop, layer: number, summary: LayerSummary): void {
  const { packedBytes, unpackedBytes, entries, diffId } = summary;
  shop.emit({ type: 'layer-done', layer, bytes: packedBytes, unpackedBytes, entries, diffId });
}

/** Layers under way, from the top one down, so many at once that threads and network have work. */
class Lookahead {
  readonly #start: (index: number) => LayerStream;
  readonly #streams = new Map<number, LayerStream>();
  readonly #depth: number;
  #next: number;

  constructor(layers: readonly LayerSource[], pool: Pool, assembly: Assembly) {
    const { onEvent, maxConnections = Number.POSITIVE_INFINITY } = assembly.settings;
    this.#next = layers.length - 1;
    const depth = pool.threads === 0 ? 1 : Math.max(MIN_LOOKAHEAD, pool.threads);
    // A layer has one connection: a bound on layers bounds those, and nobody waits for one that another holds.
    this.#depth = Math.min(depth, maxConnections);
    this.#start = (layer) =>
      new LayerStream(layers[layer]!, pool, {
        ...readOptions(assembly),
        onProgress: (bytes) => onEvent?.({ type: 'layer-progress', layer, bytes }),
      });
  }

  /** The stream of that layer; those below it are started too. */
  take(index: number): LayerStream {
    this.#streams.get(index + 1)?.close();
    this.#streams.delete(index + 1);
    while (this.#next >= 0 && this.#streams.size < this.#depth) {
      this.#streams.set(this.#next, this.#start(this.#next));
      this.#next--;
    }
    return this.#streams.get(index)!;
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
  }
}
