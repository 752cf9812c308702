/**
 * From a source to an image: resolve, fetch, stream, merge, plan, encode, commit.
 * Fetching, streaming and merging overlap: they are one step here, in `read-layers.ts`.
 */

import { commitImage } from './commit-image.ts';
import type { BuildResult } from './events.ts';
import { buildTime, imageUuid } from './identity.ts';
import { type BuildOptions, resolveOptions } from './options.ts';
import { planImage } from './plan-image.ts';
import { readLayers } from './read-layers.ts';
import { resolveSource } from './resolve-source.ts';
import { inWorkshop } from './workshop.ts';
import { writeMetadata } from './write-metadata.ts';

/**
 * Builds an EROFS image from a container image or a tar. The output appears complete, or not at all.
 * Throws `ErofsWasmError` with a stable code; `E_ABORTED` where `signal` ended it.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const settings = resolveOptions(options);
  const result = await inWorkshop(settings, async (shop) => {
    const source = await shop.phase('resolve', () => resolveSource(shop));
    const summaries = await shop.phase('read', () => readLayers(shop, source));
    const epoch = buildTime(settings, source.created);
    const sourceDigest = source.digest ?? summaries[0]!.diffId;
    const uuid = imageUuid(settings, sourceDigest, epoch);
    const plan = await shop.phase('plan', () => planImage(shop, source, epoch));
    const header = await shop.phase('encode', () => writeMetadata(shop, plan, uuid));
    const finished = { source, sourceDigest, summaries, plan, header, uuid };
    return shop.phase('commit', () => commitImage(shop, finished));
  });
  settings.onEvent?.({ type: 'done', result });
  return result;
}
