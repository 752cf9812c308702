/** An image of each layer, for overlayfs to stack: every layer alone, several at once, an equal one only once. */

import { mkdir } from 'node:fs/promises';
import pLimit from 'p-limit';
import { ErofsWasmError } from '../errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { ImageSource, LayerSource } from '../sources/source.ts';
import { buildImage } from './build.ts';
import type { BuildResult, LayerImage, LayersResult } from './events.ts';
import { buildTime } from './identity.ts';
import { findLayerImage, layerImagePath } from './layer-images.ts';
import { layerSettings } from './layer-settings.ts';
import type { LayersOptions } from './options.ts';
import { resolveSource } from './resolve-source.ts';
import { resolveOptions, type Settings } from './settings.ts';
import { expectEqual } from './verify-output.ts';
import { failureOf, inWorkshop, withPool } from './workshop.ts';

const MILLISECONDS = 1000;

/**
 * Writes an image of each layer to `output/sha256/<first two hex digits>/<hex digits of the diff_id>.erofs`. Images
 * of earlier runs are used again where layer and options are the same. Throws `ErofsWasmError`; images that were
 * finished before stay, since each is complete and right by itself.
 */
export async function buildLayers(options: LayersOptions): Promise<LayersResult> {
  const start = performance.now();
  const settings = resolveOptions(options);
  checkLayersOptions(options);
  try {
    const images = await buildFrom(settings, options);
    const result = { ...images, seconds: (performance.now() - start) / MILLISECONDS };
    settings.onEvent?.({ type: 'layers-done', result });
    return result;
  } catch (thrown) {
    throw failureOf(settings, thrown, 'images that were finished before are there');
  }
}

async function buildFrom(
  settings: Settings,
  options: LayersOptions,
): Promise<Omit<LayersResult, 'seconds'>> {
  settings.signal?.throwIfAborted();
  await makeFolder(settings.output);
  const source = await resolveSource(settings);
  try {
    const built = await withPool(settings, source, (pool) =>
      buildAll(settings, options, pool, source),
    );
    return summarise(settings, source, built);
  } finally {
    await source.close();
  }
}

/** An image and the packed bytes that were read for it. */
interface Built {
  readonly image: LayerImage;
  readonly bytesFetched: number;
}

/** The first failure ends the others; what they then say is not told. */
async function buildAll(
  settings: Settings,
  options: LayersOptions,
  pool: Pool,
  source: ImageSource,
): Promise<ReadonlyMap<string, Built>> {
  const { maxConnections = Number.POSITIVE_INFINITY } = settings;
  const inTurn = pLimit(Math.min(Math.max(1, pool.threads), maxConnections));
  const failed = new AbortController();
  const built = new Map<string, Built>();
  let failure: unknown;
  const work = [...distinctLayers(source.layers)].map(([key, layer]) =>
    inTurn(async () => {
      if (failed.signal.aborted) return;
      const one = layerSettings(settings, layer.index, failed.signal);
      const result = await buildOne(one, options, pool, source, layer);
      settings.onEvent?.({ type: 'layer-image', layer: layer.index, image: result.image });
      built.set(key, result);
    }).catch((thrown) => {
      failure ??= thrown;
      failed.abort();
    }),
  );
  await Promise.all(work);
  if (failure !== undefined) throw failure;
  return built;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new ErofsWasmError('E_OUTPUT', 'cannot make the folder of the images', {
      place: folder,
      hint: 'layer images need a folder: check that no file is there, and that it can be written',
      cause,
    });
  });
}

/** Layers with the same content, under whatever compression, have the same image. */
function distinctLayers(layers: readonly LayerSource[]): ReadonlyMap<string, LayerSource> {
  const distinct = new Map<string, LayerSource>();
  for (const layer of layers) if (!distinct.has(keyOf(layer))) distinct.set(keyOf(layer), layer);
  return distinct;
}

function keyOf({ diffId, digest, index }: LayerSource): string {
  return diffId ?? digest ?? String(index);
}

async function buildOne(
  settings: Settings,
  { output: folder, force = false }: LayersOptions,
  pool: Pool,
  source: ImageSource,
  layer: LayerSource,
): Promise<Built> {
  const known =
    layer.diffId === undefined
      ? undefined
      : await findLayerImage(folder, layer.diffId, settings, force);
  // Neither the manifest's digest nor its time: the image must be the same in whatever image the layer is.
  const { digest: _manifest, created: _time, ...rest } = source;
  const alone = { ...rest, layers: [layer] };
  if (known !== undefined) {
    if (settings.verify) await verifyReused(known, alone, settings, pool);
    const digest = layer.digest === undefined ? {} : { digest: layer.digest };
    return { image: { ...known, ...digest }, bytesFetched: 0 };
  }
  const place = async (diffId: string) => {
    // A bare tar says only now which image it is.
    if (layer.diffId === undefined) await findLayerImage(folder, diffId, settings, force);
    return layerImagePath(folder, diffId);
  };
  const result = await inWorkshop(settings, (shop) =>
    buildImage(shop.use(pool), alone, ([summary]) => place(summary!.diffId)),
  ).catch((thrown) => {
    throw explained(thrown, layer);
  });
  return { image: imageOf(result, layer), bytesFetched: result.bytesFetched };
}

async function verifyReused(
  { path }: LayerImage,
  source: ImageSource,
  settings: Settings,
  pool: Pool,
): Promise<void> {
  const epoch = buildTime(settings, undefined);
  const tellBadCopy = (message: string) =>
    settings.onEvent?.({ type: 'warning', code: 'bad-copy', message });
  await expectEqual(path, source, { settings, pool, epoch, output: path, tellBadCopy });
}

/** A link to a lower layer is nothing wrong in an image, only in an image of a layer. */
function explained(thrown: unknown, { index }: LayerSource): unknown {
  if (!(thrown instanceof ErofsWasmError) || thrown.code !== 'E_LINK') return thrown;
  return new ErofsWasmError('E_LINK', thrown.summary, {
    place: `layer ${index}: ${thrown.place}`,
    hint: 'an image of a layer cannot link to files of lower layers; build the flattened image',
    cause: thrown,
  });
}

function imageOf(result: BuildResult, { digest }: LayerSource): LayerImage {
  const { output, size, sha256, uuid, inodes, sourceDigest } = result;
  return {
    diffId: sourceDigest,
    ...(digest === undefined ? {} : { digest }),
    path: output,
    size,
    ...(sha256 === undefined ? {} : { sha256 }),
    uuid,
    inodes,
    reused: false,
  };
}

function summarise(
  { output }: Settings,
  { reference, digest, platform, layers }: ImageSource,
  built: ReadonlyMap<string, Built>,
): Omit<LayersResult, 'seconds'> {
  return {
    output,
    images: layers.map((layer) => built.get(keyOf(layer))!.image),
    source: reference,
    ...(digest === undefined ? {} : { sourceDigest: digest }),
    ...(platform === undefined ? {} : { platform }),
    bytesFetched: [...built.values()].reduce((sum, { bytesFetched }) => sum + bytesFetched, 0),
  };
}

/** What one name cannot be for several images, and what stacking rules out. */
function checkLayersOptions({ uuid, whiteouts, symlinkParents }: LayersOptions): void {
  const exclusions: [boolean, string][] = [
    [uuid !== undefined, 'one UUID'],
    [whiteouts === 'apply', 'whiteouts that are left out'],
    [symlinkParents === 'extract', 'symbolic links that lead into another layer'],
  ];
  const [, what] = exclusions.find(([applies]) => applies) ?? [];
  if (what === undefined) return;
  throw new ErofsWasmError('E_USAGE', `images of layers cannot have ${what}`, {
    hint: 'leave that option out, or build one flattened image',
  });
}
