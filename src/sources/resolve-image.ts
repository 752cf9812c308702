/** From a manifest or index to the layers of one image: documents verified, counts and platform checked. */

import { ErofsWasmError } from '../errors.ts';
import { checkLayerCount, type ImageConfig, parseImageConfig } from '../oci/config.ts';
import { parseDigest } from '../oci/digest.ts';
import type { ImageIndex, ImageManifest } from '../oci/manifest.ts';
import { formatPlatform, platformRank } from '../oci/platform.ts';
import { type ChosenManifest, chooseManifest, noPlatform } from './choose-manifest.ts';
import { type ContentStore, placeOf, readBlobDocument } from './content-store.ts';
import type { SourceContext } from './options.ts';
import type { LayerSource } from './source.ts';

/** An image that is found; its layers are not yet read. */
export interface ResolvedImage {
  readonly digest?: string;
  readonly created?: string;
  readonly platform?: string;
  readonly layers: readonly LayerSource[];
}

/** The document an image starts from, and its digest where it is a manifest itself. */
export interface RootDocument {
  readonly document: ImageIndex | ImageManifest;
  readonly digest: string;
}

/** Follows a root document to its layers. Throws `E_PLATFORM`, `E_MANIFEST`, `E_CONFIG` and the store's errors. */
export async function resolveImage(
  store: ContentStore,
  { document, digest }: RootDocument,
  context: SourceContext,
): Promise<ResolvedImage> {
  const chosen =
    document.kind === 'index'
      ? await chooseManifest(store, document, context)
      : ({ manifest: document, digest, choice: 'sole', offered: '' } satisfies ChosenManifest);
  const config = await readConfig(store, chosen.manifest, context);
  checkPlatform(chosen, config, store.name, context);
  return {
    digest: chosen.digest,
    ...describeConfig(config),
    layers: layersOf(store, chosen, config),
  };
}

/** The fields of a config that an image source shows. */
export function describeConfig({ created, platform }: ImageConfig): {
  created?: string;
  platform?: string;
} {
  return {
    ...(created === undefined ? {} : { created }),
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
  };
}

/** Checks the only image there is against the wanted platform: `E_PLATFORM` if that was asked for, else a notice. */
export function checkSolePlatform(config: ImageConfig, name: string, context: SourceContext): void {
  if (!differs(config, context)) return;
  const { platform, explicit } = context.request;
  const found = config.platform === undefined ? 'unknown' : formatPlatform(config.platform);
  if (!explicit) {
    context.notice({
      code: 'other-platform',
      message: `${name} is for ${found}, the only platform it has`,
    });
    return;
  }
  throw new ErofsWasmError('E_PLATFORM', `there is no image for ${formatPlatform(platform)}`, {
    place: name,
    hint: `the only image is for ${found}`,
  });
}

async function readConfig(
  store: ContentStore,
  manifest: ImageManifest,
  { signal, notice, limits }: SourceContext,
): Promise<ImageConfig> {
  const place = placeOf('config', manifest.config.digest, store.name);
  const limit = { name: 'config', limits } as const;
  const bytes = await readBlobDocument(store, manifest.config, limit, place, signal);
  const config = parseImageConfig(bytes, place);
  for (const message of config.warnings)
    notice({ code: 'odd-config', message: `${message} (${place})` });
  checkLayerCount(manifest.layers.length, config, place);
  return config;
}

function checkPlatform(
  { choice, offered }: ChosenManifest,
  config: ImageConfig,
  name: string,
  context: SourceContext,
): void {
  if (choice === 'sole') checkSolePlatform(config, name, context);
  if (choice === 'sole' || !differs(config, context)) return;
  if (choice === 'last-resort') throw noPlatform(context, name, offered);
  const { platform } = describeConfig(config);
  const message = `the index of ${name} promises another platform than the config names: ${platform}`;
  context.notice({ code: 'other-platform', message });
}

function differs({ platform }: ImageConfig, { request }: SourceContext): boolean {
  return platform !== undefined && platformRank(request.platform, platform) === undefined;
}

function layersOf(
  store: ContentStore,
  { manifest, digest: manifestDigest }: ChosenManifest,
  { diffIds }: ImageConfig,
): readonly LayerSource[] {
  const place = placeOf('manifest', manifestDigest, store.name);
  return manifest.layers.map((layer, index) => {
    const diffId = diffIds[index] ?? '';
    parseDigest(layer.digest, place);
    parseDigest(diffId, place);
    const { digest, size } = layer;
    const open = (signal: AbortSignal): AsyncIterable<Uint8Array> => store.openBlob(layer, signal);
    const reject = async (): Promise<boolean> => (await store.reject?.(layer)) ?? false;
    return { index, digest, size, diffId, open, reject };
  });
}
