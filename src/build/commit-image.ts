/** The last step: the header goes out, the file gets its name, and the result is told. */

import type { LayerSummary } from '../pool/protocol.ts';
import type { ImageSource } from '../sources/source.ts';
import type { BuildResult } from './events.ts';
import { hashImage } from './hash-image.ts';
import type { ImagePlan } from './plan-image.ts';
import type { Workshop } from './workshop.ts';

/** What is left to write, and what there is to tell. */
export interface Finished {
  readonly source: ImageSource;
  readonly sourceDigest: string;
  readonly summaries: readonly LayerSummary[];
  readonly plan: ImagePlan;
  readonly header: Uint8Array;
  readonly uuid: string;
  /** Path of the image. */
  readonly output: string;
}

/** Makes the image appear. The `commit` time of the result does not count this function's own end. */
export async function commitImage(shop: Workshop, finished: Finished): Promise<BuildResult> {
  const { settings, sink, assembly } = shop;
  const { source, sourceDigest, summaries, plan, header, uuid, output } = finished;
  const { size } = plan.layout;
  await sink.write(0, [header]);
  const sha256 = await hashAndSync(shop, size);
  settings.signal?.throwIfAborted();
  await sink.publish(output);
  return {
    output,
    size,
    ...(sha256 === undefined ? {} : { sha256 }),
    uuid,
    inodes: plan.tree.rows.length,
    source: source.reference,
    sourceDigest,
    ...(source.platform === undefined ? {} : { platform: source.platform }),
    bytesFetched: summaries.reduce((sum, layer) => sum + layer.packedBytes, 0),
    bytesShared: assembly.content.bytesShared,
    seconds: shop.seconds,
  };
}

/** The disk writes while a thread hashes. Both end before a failure of either is thrown, since both use the file. */
async function hashAndSync(
  { settings, sink, pool }: Workshop,
  size: number,
): Promise<string | undefined> {
  const { sha256, signal } = settings;
  const [hash, sync] = await Promise.allSettled([
    sha256 === false ? undefined : hashImage(sink, size, pool, signal),
    sink.sync(size),
  ]);
  if (sync.status === 'rejected') throw sync.reason;
  if (hash.status === 'rejected') throw hash.reason;
  return hash.value;
}
