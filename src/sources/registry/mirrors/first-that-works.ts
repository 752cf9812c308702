/** Content from the first of several places that has it: a mirror that fails in any way makes room for the next. */

import { ErofsWasmError } from '../../../errors.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { parseDigest } from '../../../oci/digest.ts';
import { checkAborted } from '../../abort.ts';
import {
  type ContentStore,
  collect,
  digestMismatch,
  digestOf,
  placeOf,
} from '../../content-store.ts';
import type { SourceNotice } from '../../source.ts';
import { MirrorHealth } from './mirror-health.ts';
import type { Place } from './places.ts';

/** A place, and the way into it; opened when it is first asked, and once. */
export interface Door<P> {
  readonly place: Place;
  open(): Promise<P>;
}

export class FirstThatWorks<P extends { readonly store: ContentStore }> {
  readonly #doors: readonly Door<P>[];
  readonly #health: MirrorHealth;
  /** By digest: mirrors that had a part in readings of a blob that nobody has rejected, and how many those are. */
  readonly #served = new Map<string, { readonly places: Set<Place>; readings: number }>();

  /** The one place that is not a mirror comes last, and its error is everybody's. */
  constructor(doors: readonly Door<P>[], notice: SourceNotice) {
    this.#doors = doors;
    this.#health = new MirrorHealth(notice);
  }

  /** What the operation gives at the first place where it succeeds. `digest` is what it asks for, if not a tag. */
  async ask<T>(
    digest: string | undefined,
    signal: AbortSignal,
    operation: (opened: P) => Promise<T>,
  ): Promise<T> {
    for (const door of this.#candidates(digest)) {
      try {
        return await operation(await door.open());
      } catch (error) {
        this.#passOver(door.place, error, signal);
      }
    }
    throw new Error('no place is left to ask');
  }

  /** All places as one store. A blob goes on at the next place where the last one left off. */
  store(name: string): ContentStore {
    return {
      name,
      openManifest: (descriptor, signal) => this.#openManifest(descriptor, signal),
      openBlob: (descriptor, signal, from) => this.#openBlob(descriptor, signal, from),
      reject: (descriptor) => this.#reject(descriptor),
    };
  }

  async *#openManifest(descriptor: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const { place, open } of this.#candidates(descriptor.digest)) {
      try {
        const { store } = await open();
        const stream = store.openManifest(descriptor, signal);
        // A mirror's lie must show while there is another place to ask; the primary's is the reader's to find.
        if (place.isMirror) yield await verified(stream, descriptor, store.name);
        else yield* stream;
        return;
      } catch (error) {
        this.#passOver(place, error, signal);
      }
    }
  }

  async *#openBlob(
    descriptor: Descriptor,
    signal: AbortSignal,
    from = 0,
  ): AsyncGenerator<Uint8Array> {
    let offset = from;
    const shares = new Set<Place>();
    for (const { place, open } of this.#candidates(descriptor.digest)) {
      try {
        const { store } = await open();
        for await (const chunk of store.openBlob(descriptor, signal, offset)) {
          if (place.isMirror && !shares.has(place)) this.#note(descriptor.digest, place, shares);
          offset += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        this.#passOver(place, error, signal);
      }
    }
  }

  /** True where mirrors had a part in the wrong bytes: the next reading leaves them out. */
  async #reject(descriptor: Descriptor): Promise<boolean> {
    const { digest } = descriptor;
    const served = this.#served.get(digest);
    if (served !== undefined && served.readings > 0) {
      // Readings of one digest may run side by side: each of them has its own second try.
      served.readings -= 1;
      for (const place of served.places) this.#health.lied(place, digest);
      served.places.clear();
      return true;
    }
    const primary = await this.#doors.at(-1)?.open();
    return (await primary?.store.reject?.(descriptor)) ?? false;
  }

  #candidates(digest: string | undefined): readonly Door<P>[] {
    return this.#doors.filter(({ place }) => this.#health.mayAsk(place, digest));
  }

  #note(digest: string, place: Place, shares: Set<Place>): void {
    const served = this.#served.get(digest) ?? { places: new Set(), readings: 0 };
    this.#served.set(digest, served);
    if (shares.size === 0) served.readings += 1;
    served.places.add(place);
    shares.add(place);
  }

  /** Throws what ends the search: cancelling, a bug, and the primary's own failure. */
  #passOver(place: Place, error: unknown, signal: AbortSignal): void {
    checkAborted(signal);
    if (!(error instanceof ErofsWasmError)) throw error;
    if (!place.isMirror) throw this.#health.account(error);
    this.#health.failed(place, error);
  }
}

async function verified(
  stream: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  name: string,
): Promise<Uint8Array> {
  const place = placeOf('manifest', digest, name);
  const { algorithm } = parseDigest(digest, place);
  const bytes = await collect(stream, size, () => digestMismatch('that of a longer one', place));
  const found = digestOf(bytes, algorithm);
  if (found !== digest) throw digestMismatch(found, place);
  return bytes;
}
