/** From a manifest or index to the layers of one image: documents verified, counts and platform checked. */

import { ErofsWasmError } from '../errors.ts';
import { checkLayerCount, type ImageConfig } from '../oci/config.ts';
import { parseDigest } from '../oci/digest.ts';
import type { ImageIndex, ImageManifest } from '../oci/manifest.ts';
import { formatPlatform, platformRank } from '../oci/platform.ts';
import { type ChosenManifest, chooseManifest, noPlatform, type OnTie } from './choose-manifest.ts';
import { type ContentStore, placeOf } from './content-store.ts';
import { withKnownContent } from './known-content.ts';
import type { SourceContext } from './options.ts';
import { readConfig } from './read-parts.ts';
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
  readonly onTie?: OnTie;
}

/** Follows a root document to its layers. Throws `E_PLATFORM`, `E_MANIFEST`, `E_CONFIG` and the store's errors. */
export async function resolveImage(
  asked: ContentStore,
  { document, digest, onTie }: RootDocument,
  context: SourceContext,
): Promise<ResolvedImage> {
  const store = withKnownContent(asked);
  const chosen =
    document.kind === 'index'
      ? await chooseManifest(store, document, context, onTie)
      : ({ manifest: document, digest, choice: 'sole', offered: '' } satisfies ChosenManifest);
  const config = chosen.config ?? (await readConfig(store, chosen.manifest, context));
  checkCount(store, chosen.manifest, config);
  const owner = `the image for ${describeConfig(config).platform ?? 'an unknown platform'}`;
  for (const layer of chosen.manifest.layers) store.checkBlob?.(layer, owner);
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

function checkCount(store: ContentStore, { config, layers }: ImageManifest, of: ImageConfig): void {
  checkLayerCount(layers.length, of, placeOf('config', config.digest, store.name));
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
    const accept = async (): Promise<void> => store.accept?.(layer);
    return { index, digest, size, diffId, open, accept, reject };
  });
}
