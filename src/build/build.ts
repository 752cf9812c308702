/**
 * From a source to an image: resolve, fetch, stream, merge, plan, encode, commit.
 * Fetching, streaming and merging overlap: they are one step here, in `read-layers.ts`.
 */

import { fromGoodCopies } from '../pool/good-copies.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import type { ImageSource } from '../sources/source.ts';
import { commitImage } from './commit-image.ts';
import type { BuildResult } from './events.ts';
import { buildTime, imageUuid } from './identity.ts';
import type { BuildOptions } from './options.ts';
import { planImage } from './plan-image.ts';
import { readLayers } from './read-layers.ts';
import { resolveSource } from './resolve-source.ts';
import { resolveOptions } from './settings.ts';
import { verifyOutput } from './verify-output.ts';
import { inWorkshop, type Workshop, withPool } from './workshop.ts';
import { writeMetadata } from './write-metadata.ts';

/**
 * Builds an EROFS image from a container image or a tar. The output appears complete, or not at all.
 * Throws `ErofsWasmError` with a stable code; `E_ABORTED` where `signal` ended it.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const settings = resolveOptions(options);
  const result = await inWorkshop(settings, async (shop) => {
    const source = await shop.phase('resolve', () => resolveSource(settings));
    shop.own(() => source.close());
    return withPool(settings, source, (pool) =>
      buildImage(shop.use(pool), source, () => settings.output),
    );
  });
  settings.onEvent?.({ type: 'done', result });
  return result;
}

/** Builds one image of all layers of `source`; `place` names it once they have been read. */
export async function buildImage(
  shop: Workshop,
  source: ImageSource,
  place: (layers: readonly LayerSummary[]) => string | Promise<string>,
): Promise<BuildResult> {
  const { settings } = shop;
  const epoch = buildTime(settings, source.created);
  const { summaries, plan } = await fromGoodCopies(async () => {
    await shop.begin(source.layers.length);
    const layers = await shop.phase('read', () => readLayers(shop, source));
    const image = await shop.phase('plan', () => planImage(shop, source, layers, epoch));
    return { summaries: layers, plan: image };
  }, shop.tellBadCopy);
  const sourceDigest = source.digest ?? summaries[0]!.diffId;
  const uuid = imageUuid(settings, sourceDigest, summaries, epoch);
  const header = await shop.phase('encode', () => writeMetadata(shop, plan, uuid));
  const output = await place(summaries);
  await verifyOutput(shop, { source, header, epoch, output });
  const finished = { source, sourceDigest, summaries, plan, header, uuid, output };
  return shop.phase('commit', () => commitImage(shop, finished));
}
