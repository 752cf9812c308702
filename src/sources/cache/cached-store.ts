/** A content store with a cache in front of it: what is there is not asked for, and what comes is kept. */

import type { Descriptor } from '../../oci/descriptor.ts';
import { parseDigest } from '../../oci/digest.ts';
import { type ContentStore, collect, digestMismatch, digestOf } from '../content-store.ts';
import type { BlobCache } from './blob-cache.ts';
import type { BlobWriter } from './blob-writer.ts';

/** Blobs up to this size are held in memory and compared with their digest here, before anybody sees them. */
const SMALL = 1024 * 1024;

export class CachedStore implements ContentStore {
  readonly name: string;
  readonly #store: ContentStore;
  readonly #cache: BlobCache;
  /** By digest: complete downloads whose bytes nobody has compared yet. */
  readonly #unproved = new Map<string, BlobWriter>();
  /** Digests whose last reading came from the cache. */
  readonly #served = new Set<string>();

  constructor(store: ContentStore, cache: BlobCache) {
    this.name = store.name;
    this.#store = store;
    this.#cache = cache;
  }

  openManifest(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#whole(descriptor, signal, () => this.#store.openManifest(descriptor, signal));
  }

  openBlob(descriptor: Descriptor, signal: AbortSignal, from = 0): AsyncIterable<Uint8Array> {
    if (from > 0) return this.#store.openBlob(descriptor, signal, from);
    return descriptor.size <= SMALL
      ? this.#whole(descriptor, signal, () => this.#store.openBlob(descriptor, signal))
      : this.#stream(descriptor, signal);
  }

  async accept({ digest }: Descriptor): Promise<void> {
    const writer = this.#unproved.get(digest);
    this.#unproved.delete(digest);
    if (writer !== undefined) await this.#cache.keep(writer, digest);
  }

  /** Wrong bytes of the cache are removed from it; the next reading is of the store behind it. */
  async reject(descriptor: Descriptor): Promise<boolean> {
    const { digest } = descriptor;
    await this.#discard(digest);
    if (!this.#served.delete(digest)) return (await this.#store.reject?.(descriptor)) ?? false;
    await this.#cache.remove(digest);
    return true;
  }

  checkBlob(descriptor: Descriptor, owner: string): void {
    this.#store.checkBlob?.(descriptor, owner);
  }

  /** Removes downloads that were never proved right. */
  async close(): Promise<void> {
    await Promise.all([...this.#unproved.keys()].map((digest) => this.#discard(digest)));
  }

  async *#whole(
    descriptor: Descriptor,
    signal: AbortSignal,
    open: () => AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { digest, size } = descriptor;
    const { algorithm } = parseDigest(digest, this.name);
    const known = await this.#cache.find(digest, size);
    if (known !== undefined) {
      const bytes = await collect(known.read(0, size, signal), size, () => new Error()).finally(
        () => known.close(),
      );
      if (digestOf(bytes, algorithm) === digest) return yield bytes;
      await this.#cache.remove(digest);
    }
    // The reader of a document says what is wrong with its length; nothing longer than that is held.
    const bytes = await collect(open(), size, () => digestMismatch('that of more bytes', digest));
    if (bytes.length === size && digestOf(bytes, algorithm) === digest)
      await this.#cache.put(digest, bytes);
    yield bytes;
  }

  async *#stream(descriptor: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { digest, size } = descriptor;
    const known = await this.#cache.find(digest, size);
    if (known !== undefined) {
      this.#served.add(digest);
      try {
        yield* known.read(0, size, signal);
      } finally {
        await known.close();
      }
      return;
    }
    this.#served.delete(digest);
    yield* this.#keeping(descriptor, this.#store.openBlob(descriptor, signal));
  }

  async *#keeping(
    { digest, size }: Descriptor,
    stream: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    let writer = await this.#cache.begin();
    let length = 0;
    try {
      for await (const piece of stream) {
        length += piece.length;
        if (writer !== undefined && !(await this.#took(() => writer?.write(piece)))) {
          await writer.discard().catch(() => undefined);
          writer = undefined;
        }
        yield piece;
      }
      if (writer === undefined || length !== size || !(await this.#took(() => writer?.end())))
        return;
      await this.#discard(digest);
      this.#unproved.set(digest, writer);
      writer = undefined;
    } finally {
      await writer?.discard().catch(() => undefined);
    }
  }

  async #took(operation: () => Promise<void> | undefined): Promise<boolean> {
    const took = await this.#cache.attempt(async () => {
      await operation();
      return true;
    });
    return took ?? false;
  }

  async #discard(digest: string): Promise<void> {
    const writer = this.#unproved.get(digest);
    this.#unproved.delete(digest);
    await writer?.discard().catch(() => undefined);
  }
}
