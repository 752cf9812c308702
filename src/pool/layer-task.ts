/** Reads one layer to its end: hashes what comes, unpacks it, reads the tar, and sends entries and content on. */

import { ErofsWasmError, errorToValue } from '../errors.ts';
import { decompress } from '../kernels/decompress.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { TarReader } from '../tar/reader.ts';
import { Digester } from './digester.ts';
import { Forwarder } from './forwarder.ts';
import { FrameWriter } from './frame-writer.ts';
import { Inbox } from './inbox.ts';
import { withKernels } from './kernel-stock.ts';
import { PackedInput } from './packed-input.ts';
import type { FromLayer, LayerSummary, LayerTask, ToLayer } from './protocol.ts';
import { SizeWatch } from './size-watch.ts';
import { SlabPool } from './slab-pool.ts';

/** Runs until the layer has been sent, has failed, or nobody waits for it; never throws. */
export async function runLayerTask(task: LayerTask): Promise<void> {
  const send = (message: FromLayer): void => task.port.postMessage(message);
  const slabs = new SlabPool(task);
  const inbox = new Inbox<ToLayer>(task.port, (message) => slabs.accept(message));
  task.port.once('close', () => slabs.close());
  const input = new PackedInput(task.port, inbox);
  const packed = new Digester(task.algorithm);
  try {
    const summary = await withKernels(task.kernels, (kernels) =>
      readLayer(task, packed, input.chunks(), new FrameWriter(slabs), kernels),
    );
    send({ kind: 'done', summary });
  } catch (thrown) {
    const declared = isLimit(thrown) ? 0 : task.declaredBytes;
    const complete = await hashRest(packed, input.chunks(), declared);
    const facts = complete ? { packedDigest: packed.digest(), packedBytes: packed.bytes } : {};
    send({ kind: 'failed', error: errorToValue(thrown), ...facts });
  } finally {
    task.port.close();
  }
}

async function readLayer(
  task: LayerTask,
  packed: Digester,
  chunks: AsyncIterable<Uint8Array>,
  frames: FrameWriter,
  kernels: Kernels,
): Promise<LayerSummary> {
  const unpacked = new Digester(task.diffAlgorithm);
  const watch = new SizeWatch(packed, unpacked, task.limits);
  const stream = await decompress(watch.packed(chunks), kernels);
  const forward = new Forwarder(task, frames, kernels);
  const tar = new TarReader(task.limits);
  for await (const chunk of watch.unpacked(stream.chunks)) await forward.all(tar.push(chunk));
  if (unpacked.bytes > 0 || !task.mayBeEmpty) await forward.all(tar.end());
  if (stream.hasTrailingGarbage()) await frames.warning('bytes behind the gzip stream are ignored');
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

/** Such a layer may go on for ever, and reading on tells nothing. */
function isLimit(thrown: unknown): boolean {
  return thrown instanceof ErofsWasmError && thrown.code === 'E_LIMIT';
}

/**
 * After a failure, what is still to come of a layer is hashed all the same: whether it has its digest tells whether
 * the layer is bad or the copy of it. False where there is nothing to compare with, or the rest does not come.
 */
async function hashRest(
  packed: Digester,
  chunks: AsyncIterable<Uint8Array>,
  declaredBytes: number,
): Promise<boolean> {
  if (declaredBytes === 0 || packed.bytes > declaredBytes) return false;
  try {
    for await (const _ of packed.over(chunks)) if (packed.bytes > declaredBytes) break;
    return true;
  } catch {
    return false;
  }
}
