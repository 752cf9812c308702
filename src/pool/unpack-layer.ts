/** The first of a layer's two threads: hashes the packed bytes, undoes their compression, and fills slabs. */

import { ErofsWasmError, errorToValue } from '../errors.ts';
import { decompress } from '../kernels/decompress.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { Digester } from './digester.ts';
import { Inbox } from './inbox.ts';
import { withKernels } from './kernel-stock.ts';
import { PackedInput } from './packed-input.ts';
import type { FromUnpacker, ToParser, ToUnpacker, UnpackTask } from './protocol.ts';
import { SizeWatch } from './size-watch.ts';
import { SlabWriter } from './slab-writer.ts';

/** Runs until all is unpacked, something fails, or nobody waits for the layer; never throws. */
export async function unpackLayer(task: UnpackTask): Promise<void> {
  const { port, parser, arena } = task;
  const send = (message: FromUnpacker): void => port.postMessage(message);
  const slabs = new SlabWriter(arena, parser);
  const inbox = new Inbox<ToUnpacker>(port, (message) => {
    if (message.kind === 'free') slabs.give(message.slabs);
    else if (message.kind === 'discard') slabs.close();
    else return false;
    return true;
  });
  port.once('close', () => slabs.close());
  const input = new PackedInput(task.pieces, port, inbox);
  const packed = new Digester(task.algorithm);
  try {
    const compression = await withKernels(task.kernels, (kernels) =>
      unpack(task, packed, input.chunks(), slabs, kernels),
    );
    send({ kind: 'unpacked', ...factsOf(packed), compression });
  } catch (thrown) {
    const declared = isLimit(thrown) ? 0 : task.declaredBytes;
    const complete = await hashRest(packed, input.chunks(), declared);
    const facts = complete ? factsOf(packed) : {};
    send({ kind: 'failed', error: errorToValue(thrown), ...facts });
  } finally {
    parser.close();
    port.close();
  }
}

/** Returns the kind of compression. */
async function unpack(
  { limits, parser }: UnpackTask,
  packed: Digester,
  chunks: AsyncIterable<Uint8Array>,
  slabs: SlabWriter,
  kernels: Kernels,
): Promise<string> {
  const watch = new SizeWatch(packed, limits);
  await slabs.begin();
  const stream = await decompress(watch.packed(chunks), kernels, slabs.room);
  for await (const chunk of stream.chunks) {
    watch.unpacked(chunk.length);
    await slabs.write(chunk);
  }
  slabs.end();
  const hasGarbage = stream.hasTrailingGarbage();
  parser.postMessage({ kind: 'end', hasGarbage } satisfies ToParser);
  return stream.kind;
}

function factsOf(packed: Digester): { packedDigest: string; packedBytes: number } {
  return { packedDigest: packed.digest(), packedBytes: packed.bytes };
}

/** Such a layer may go on for ever, and reading on tells nothing. */
export function isLimit(thrown: unknown): boolean {
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
