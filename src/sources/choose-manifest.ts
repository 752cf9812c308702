/** From an index, however deeply nested, to the manifest of one platform. */

import { ErofsWasmError } from '../errors.ts';
import type { ImageConfig } from '../oci/config.ts';
import { bestEntry, type IndexEntry, isImageEntry, listPlatforms } from '../oci/index-entry.ts';
import { type ImageIndex, type ImageManifest, tooManyEntries } from '../oci/manifest.ts';
import { formatPlatform, platformRank } from '../oci/platform.ts';
import { type ContentStore, placeOf } from './content-store.ts';
import type { SourceContext } from './options.ts';
import { readConfig, readManifest } from './read-parts.ts';

/** An image's manifest, and how sure its platform is. */
export interface ChosenManifest {
  readonly manifest: ImageManifest;
  readonly digest: string;
  /** Where it had to be read to make the choice. */
  readonly config?: ImageConfig;
  /** Whether an index promised the platform, there is no choice, or it was the last of several to try. */
  readonly choice: 'promised' | 'sole' | 'last-resort';
  /** The platforms that were on offer, for a message. */
  readonly offered: string;
}

/** The error for images that no platform tells apart; without it the first of them is taken. */
export type OnTie = (digests: readonly string[]) => ErofsWasmError;

/** Builders nest an index once (`index.json` of a layout); deeper is no one's habit. */
const DEEPEST_INDEX = 4;

/** Bounds the requests that one reference can cause. */
const MOST_NESTED_INDEXES = 64;

/** Each of them costs two requests; tools that leave platforms out list a few. */
const MOST_NAMELESS = 32;

interface Walk {
  readonly seen: Set<string>;
  readonly found: IndexEntry[];
}

/** The manifest for the wanted platform. Throws `E_PLATFORM` with a list of what there is. */
export async function chooseManifest(
  store: ContentStore,
  index: ImageIndex,
  context: SourceContext,
  onTie?: OnTie,
): Promise<ChosenManifest> {
  const walk: Walk = { seen: new Set(), found: [] };
  await collectEntries(store, index, context, walk, 1);
  const images = walk.found.filter(isImageEntry);
  const offered = listPlatforms(walk.found);
  const best = bestEntry(images, context.request.platform);
  if (best !== undefined) {
    const manifest = await readImage(store, best, context);
    return { manifest, digest: best.descriptor.digest, choice: 'promised', offered };
  }
  // An entry without a platform tells its platform only in its config, so these are a last resort.
  const nameless = distinct(images.filter((entry) => entry.platform === undefined));
  const [only] = nameless;
  if (only !== undefined && nameless.length === 1) {
    const manifest = await readImage(store, only, context);
    const choice = images.length === 1 ? 'sole' : 'last-resort';
    return { manifest, digest: only.descriptor.digest, choice, offered };
  }
  const found = await bestByConfig(store, nameless, context, onTie);
  if (found === undefined) throw noPlatform(context, store.name, offered);
  return { ...found, choice: 'last-resort', offered };
}

function distinct(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  return [...new Map(entries.map((entry) => [entry.descriptor.digest, entry])).values()];
}

/** Opens images one by one for the platforms in their configs; among equals the first, unless that is refused. */
async function bestByConfig(
  store: ContentStore,
  entries: readonly IndexEntry[],
  context: SourceContext,
  onTie: OnTie | undefined,
): Promise<Pick<ChosenManifest, 'manifest' | 'digest' | 'config'> | undefined> {
  if (entries.length > MOST_NAMELESS) throw tooManyNameless(store.name, entries.length);
  const found = [];
  for (const entry of entries) {
    const manifest = await readImage(store, entry, context);
    const config = await readConfig(store, manifest, context);
    const rank = config.platform && platformRank(context.request.platform, config.platform);
    const { digest } = entry.descriptor;
    if (rank !== undefined) found.push({ rank, digest, manifest, config });
  }
  const lowest = Math.min(...found.map(({ rank }) => rank));
  const equals = found.filter(({ rank }) => rank === lowest);
  if (equals.length > 1 && onTie !== undefined) throw onTie(equals.map(({ digest }) => digest));
  return equals[0];
}

async function readImage(
  store: ContentStore,
  { descriptor }: IndexEntry,
  context: SourceContext,
): Promise<ImageManifest> {
  const document = await readManifest(store, descriptor, context);
  if (document.kind === 'manifest') return document;
  throw new ErofsWasmError('E_MANIFEST', 'an index entry without a media type is an index', {
    place: placeOf('index', descriptor.digest, store.name),
  });
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
      const nested = await readManifest(store, entry.descriptor, context);
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

function tooManyNameless(name: string, count: number): ErofsWasmError {
  return new ErofsWasmError('E_PLATFORM', `${count} images name no platform`, {
    place: name,
    hint: 'name the one that is meant by its digest',
  });
}

function tooDeep(name: string): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', 'the image index nests too deeply or too often', {
    place: name,
    hint: 'name the manifest of the platform by its digest',
  });
}
