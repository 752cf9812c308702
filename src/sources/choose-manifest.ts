/** From an index, however deeply nested, to the manifest of one platform. */

import { ErofsWasmError } from '../errors.ts';
import { bestEntry, type IndexEntry, isImageEntry, listPlatforms } from '../oci/index-entry.ts';
import {
  type ImageIndex,
  type ImageManifest,
  parseImageDocument,
  tooManyEntries,
} from '../oci/manifest.ts';
import { formatPlatform, platformRank } from '../oci/platform.ts';
import { type ContentStore, placeOf, readDocument } from './content-store.ts';
import type { SourceContext } from './options.ts';

/** An image's manifest, and how sure its platform is. */
export interface ChosenManifest {
  readonly manifest: ImageManifest;
  readonly digest: string;
  /** Whether an index promised the platform, there is no choice, or it was the last of several to try. */
  readonly choice: 'promised' | 'sole' | 'last-resort';
  /** The platforms that were on offer, for a message. */
  readonly offered: string;
}

/** Builders nest an index once (`index.json` of a layout); deeper is no one's habit. */
const DEEPEST_INDEX = 4;

/** Bounds the requests that one reference can cause. */
const MOST_NESTED_INDEXES = 64;

interface Walk {
  readonly seen: Set<string>;
  readonly found: IndexEntry[];
}

/** The manifest for the wanted platform. Throws `E_PLATFORM` with a list of what there is. */
export async function chooseManifest(
  store: ContentStore,
  index: ImageIndex,
  context: SourceContext,
): Promise<ChosenManifest> {
  const walk: Walk = { seen: new Set(), found: [] };
  await collectEntries(store, index, context, walk, 1);
  const { platform } = context.request;
  const images = walk.found.filter(isImageEntry);
  const best = bestEntry(images, platform);
  const nameless = images.filter((entry) => entry.platform === undefined);
  // An entry without a platform tells its platform only in its config: a last resort, and only when it is alone.
  const chosen = best ?? (nameless.length === 1 ? nameless[0] : undefined);
  const offered = listPlatforms(walk.found);
  if (chosen === undefined) throw noPlatform(context, store.name, offered);
  const document = await readEntry(store, chosen, context);
  if (document.kind === 'index')
    throw new ErofsWasmError('E_MANIFEST', 'an index entry without a media type is an index', {
      place: placeOf('index', chosen.descriptor.digest, store.name),
    });
  const unpromised = images.length === 1 ? 'sole' : 'last-resort';
  return {
    manifest: document,
    digest: chosen.descriptor.digest,
    choice: best === undefined ? unpromised : 'promised',
    offered,
  };
}

/** No image of the wanted platform. */
export function noPlatform(
  { request }: SourceContext,
  name: string,
  offered: string,
): ErofsWasmError {
  const wanted = formatPlatform(request.platform);
  return new ErofsWasmError('E_PLATFORM', `there is no image for ${wanted}`, {
    place: name,
    hint: `there is: ${offered}`,
  });
}

async function collectEntries(
  store: ContentStore,
  index: ImageIndex,
  context: SourceContext,
  walk: Walk,
  depth: number,
): Promise<void> {
  for (const entry of index.entries) {
    if (walk.found.length >= context.limits.indexEntries)
      throw tooManyEntries(context.limits, store.name);
    if (!isNestedIndex(entry, context)) walk.found.push(entry);
    else if (!walk.seen.has(entry.descriptor.digest)) {
      walk.seen.add(entry.descriptor.digest);
      if (depth >= DEEPEST_INDEX || walk.seen.size > MOST_NESTED_INDEXES) throw tooDeep(store.name);
      const nested = await readEntry(store, entry, context);
      if (nested.kind === 'index') await collectEntries(store, nested, context, walk, depth + 1);
    }
  }
}

/** A nested index is read unless its entry names a platform that cannot serve. */
function isNestedIndex(entry: IndexEntry, { request }: SourceContext): boolean {
  if (entry.kind !== 'index' || !isImageEntry(entry)) return false;
  return (
    entry.platform === undefined || platformRank(request.platform, entry.platform) !== undefined
  );
}

async function readEntry(
  store: ContentStore,
  { descriptor }: IndexEntry,
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

function tooDeep(name: string): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', 'the image index nests too deeply or too often', {
    place: name,
    hint: 'name the manifest of the platform by its digest',
  });
}
