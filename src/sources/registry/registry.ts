/** An image straight from its registry, or from a mirror of it. */

import { parseDigest } from '../../oci/digest.ts';
import { formatReference, type ImageReference } from '../../oci/reference.ts';
import type { SourceContext, SourceOptions } from '../options.ts';
import { type ResolvedImage, resolveImage } from '../resolve-image.ts';
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
  const opened: OpenedPlace[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((place) => place.close()));
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
  try {
    const root = await works.ask(reference.digest, context.signal, ({ client, store }) =>
      fetchRoot(client, reference, store.name, context),
    );
    const image = await resolveImage(works.store(name), root, context);
    return { reference: formatReference(reference), image, close };
  } catch (error) {
    await close();
    throw error;
  }
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
