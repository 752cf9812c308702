/** Reads the documents of an image from where they are kept, verified, and passes on what is odd about them. */

import { type ImageConfig, parseImageConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type ImageIndex, type ImageManifest, parseImageDocument } from '../oci/manifest.ts';
import { type ContentStore, placeOf, readBlobDocument, readDocument } from './content-store.ts';
import type { SourceContext } from './options.ts';

/** The manifest or index of a descriptor, whose media type is binding. Throws `E_MANIFEST` and the store's errors. */
export async function readManifest(
  store: ContentStore,
  descriptor: Descriptor,
  { signal, notice, limits }: SourceContext,
): Promise<ImageIndex | ImageManifest> {
  const place = placeOf('manifest', descriptor.digest, store.name);
  const stream = store.openManifest(descriptor, signal);
  const bytes = await readDocument(stream, descriptor, { name: 'manifest', limits }, place);
  const hints = { descriptorType: descriptor.mediaType };
  const document = parseImageDocument(bytes, place, hints, limits);
  for (const message of document.warnings)
    notice({ code: 'odd-manifest', message: `${message} (${place})` });
  return document;
}

/** The config of a manifest. Throws `E_CONFIG` and the store's errors. */
export async function readConfig(
  store: ContentStore,
  { config: descriptor }: ImageManifest,
  { signal, notice, limits }: SourceContext,
): Promise<ImageConfig> {
  const place = placeOf('config', descriptor.digest, store.name);
  const limit = { name: 'config', limits } as const;
  const bytes = await readBlobDocument(store, descriptor, limit, place, signal);
  const config = parseImageConfig(bytes, place);
  for (const message of config.warnings)
    notice({ code: 'odd-config', message: `${message} (${place})` });
  return config;
}
