/** Reads one layer to its end: hashes what comes, unpacks it, reads the tar, and sends entries and content on. */

import { createHash, type Hash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { errorToValue } from '../errors.ts';
import { decompress } from '../kernels/decompress.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { TarReader } from '../tar/reader.ts';
import { Forwarder } from './forwarder.ts';
import { FrameWriter } from './frame-writer.ts';
import { Inbox } from './inbox.ts';
import { withKernels } from './kernel-stock.ts';
import type { FromLayer, LayerSummary, LayerTask, ToLayer } from './protocol.ts';
import { cancelled, SlabPool } from './slab-pool.ts';

/** Runs until the layer has been sent, has failed, or nobody waits for it; never throws. */
export async function runLayerTask(task: LayerTask): Promise<void> {
  const send = (message: FromLayer, transfer: ArrayBuffer[] = []): void => {
    task.port.postMessage(message, transfer);
  };
  try {
    const summary = await withKernels(task.kernels, (kernels) => readLayer(task, kernels));
    send({ kind: 'done', summary });
  } catch (thrown) {
    send({ kind: 'failed', error: errorToValue(thrown) });
  } finally {
    task.port.close();
  }
}

async function readLayer(task: LayerTask, kernels: Kernels): Promise<LayerSummary> {
  const slabs = new SlabPool(task);
  const inbox = new Inbox<ToLayer>(task.port, (message) => slabs.accept(message));
  task.port.once('close', () => slabs.close());
  const packed = new Digester(task.algorithm);
  const unpacked = new Digester('sha256');
  const stream = await decompress(packed.over(packedChunks(task.port, inbox)), kernels);
  const frames = new FrameWriter(slabs);
  const forward = new Forwarder(task, frames, kernels);
  const tar = new TarReader();
  for await (const chunk of unpacked.over(stream.chunks)) await forward.all(tar.push(chunk));
  await forward.all(tar.end());
  frames.flush();
  return {
    packedDigest: packed.digest(),
    packedBytes: packed.bytes,
    diffId: unpacked.digest(),
    unpackedBytes: unpacked.bytes,
    entries: forward.entries,
    compression: stream.kind,
  };
}

/** The packed bytes as they come; each piece that is taken asks for one more. */
async function* packedChunks(port: MessagePort, inbox: Inbox<ToLayer>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const message = await inbox.next();
    if (message === undefined) throw cancelled();
    if (message.kind !== 'packed') return;
    yield message.bytes;
    port.postMessage({ kind: 'more' } satisfies FromLayer);
  }
}

/** A running hash and count over a stream. */
class Digester {
  bytes = 0;
  readonly #algorithm: string;
  readonly #hash: Hash;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  async *over(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  digest(): string {
    return `${this.#algorithm}:${this.#hash.digest('hex')}`;
  }
}
