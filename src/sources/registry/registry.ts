/** An image straight from its registry, or from a mirror of it. */

import { parseDigest } from '../../oci/digest.ts';
import { formatReference, type ImageReference } from '../../oci/reference.ts';
import { BlobCache } from '../cache/blob-cache.ts';
import { cacheFolder } from '../cache/cache-folder.ts';
import { CachedStore } from '../cache/cached-store.ts';
import type { SourceContext, SourceOptions } from '../options.ts';
import { type ResolvedImage, type RootDocument, resolveImage } from '../resolve-image.ts';
import { cachedRoot, keepRoot, unchangedRoot } from './cached-root.ts';
import { fetchRoot } from './fetch-root.ts';
import { type Door, FirstThatWorks } from './mirrors/first-that-works.ts';
import { findPlaces, type Place } from './mirrors/places.ts';
import { readRegistryRules } from './mirrors/registries-files.ts';
import { type OpenedPlace, openPlace } from './opened-place.ts';
import { DEFAULT_TIMING, type Timing } from './transfer/timing.ts';

/** Resolves a reference; layers stream from the registry until `close`. `timing` is for tests. */
export async function openRegistry(
  reference: ImageReference,
  options: SourceOptions,
  context: SourceContext,
  timing: Timing = DEFAULT_TIMING,
): Promise<{ reference: string; image: ResolvedImage; close: () => Promise<void> }> {
  const name = `${reference.host}/${reference.path}`;
  if (reference.digest !== undefined) parseDigest(reference.digest, name);
  const places = findPlaces(reference, options.mirrors ?? [], await readRegistryRules());
  const cache = openCache(options, context);
  const opened: OpenedPlace[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((place) => place.close()));
    await cached?.close();
  };
  const doorTo = (place: Place): Door<OpenedPlace> => {
    const open = async (): Promise<OpenedPlace> => {
      const door = await openPlace(place, options, context, timing);
      opened.push(door);
      return door;
    };
    return { place, open: onceOpened(open) };
  };
  const works = new FirstThatWorks(places.map(doorTo), context.notice);
  const cached = cache === undefined ? undefined : new CachedStore(works.store(name), cache);
  try {
    const root = await findRoot(works, cache, reference, name, context);
    const image = await resolveImage(cached ?? works.store(name), root, context);
    return { reference: formatReference(reference), image, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openCache(
  { cache = false }: SourceOptions,
  { notice }: SourceContext,
): BlobCache | undefined {
  return cache === false ? undefined : new BlobCache(cacheFolder(cache), notice);
}

async function findRoot(
  works: FirstThatWorks<OpenedPlace>,
  cache: BlobCache | undefined,
  reference: ImageReference,
  name: string,
  context: SourceContext,
): Promise<RootDocument> {
  const { digest } = reference;
  const known =
    cache === undefined || digest === undefined
      ? undefined
      : await cachedRoot(cache, digest, name, context);
  if (known !== undefined) return known;
  return works.ask(digest, context.signal, async ({ client, store }) => {
    if (cache === undefined) return fetchRoot(client, reference, store.name, context);
    const keep = (found: string, bytes: Uint8Array): Promise<void> =>
      keepRoot(cache, reference, found, bytes);
    return (
      (await unchangedRoot(cache, reference, client, context)) ??
      fetchRoot(client, reference, store.name, context, keep)
    );
  });
}

/** What failed to open may be tried again; what is open stays so. */
function onceOpened<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
