/** Where the parts of an image are kept, by digest; and reading the small ones whole, checked. */

import { createHash } from 'node:crypto';
import { ErofsWasmError } from '../errors.ts';
import { type Limits, limitError } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DigestAlgorithm, parseDigest } from '../oci/digest.ts';

/** Content by descriptor. The streams are raw: whoever reads one checks its size and digest. */
export interface ContentStore {
  /** For messages: `host/path`, or the name of a file or folder. */
  readonly name: string;
  openManifest(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** From the byte `from` on, which is the first unless another one is named. */
  openBlob(descriptor: Descriptor, signal: AbortSignal, from?: number): AsyncIterable<Uint8Array>;
  /** As `LayerSource.accept`: the last reading of a blob was complete and right. */
  accept?(descriptor: Descriptor): Promise<void>;
  /** As `LayerSource.reject`: the last readings of a blob had other bytes than its digest names. */
  reject?(descriptor: Descriptor): Promise<boolean>;
  /** Throws, where that costs nothing to know, for content that is not there; `owner` says whose it is. */
  checkBlob?(descriptor: Descriptor, owner: string): void;
}

/** Which limit a document is under, and its value. */
export interface DocumentLimit {
  readonly name: 'manifest' | 'config';
  readonly limits: Pick<Limits, 'manifest' | 'config'>;
}

/** The place of a piece of content in messages. */
export function placeOf(what: string, digest: string, name: string): string {
  return `${what} ${digest} of ${name}`;
}

/** `algorithm:hex` of the bytes. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/**
 * The whole of a small document with its size and digest verified. Throws `E_LIMIT`, `E_SIZE`, `E_DIGEST`,
 * and whatever the stream throws.
 */
export async function readDocument(
  stream: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  limit: DocumentLimit,
  place: string,
): Promise<Uint8Array> {
  const { algorithm } = parseDigest(descriptor.digest, place);
  checkLength(descriptor.size, limit, place);
  const bytes = await collect(stream, descriptor.size, () => longer(descriptor, place));
  if (bytes.length !== descriptor.size)
    throw new ErofsWasmError(
      'E_SIZE',
      `the content has ${bytes.length} bytes, its descriptor says ${descriptor.size}`,
      { place },
    );
  const found = digestOf(bytes, algorithm);
  if (found === descriptor.digest) return bytes;
  throw digestMismatch(found, place);
}

/** A document that is kept as a blob, read again as long as the store knows another way to it. */
export async function readBlobDocument(
  store: ContentStore,
  descriptor: Descriptor,
  limit: DocumentLimit,
  place: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  for (;;) {
    try {
      return await readDocument(store.openBlob(descriptor, signal), descriptor, limit, place);
    } catch (error) {
      const isWrong =
        error instanceof ErofsWasmError && (error.code === 'E_DIGEST' || error.code === 'E_SIZE');
      if (!isWrong || (await store.reject?.(descriptor)) !== true) throw error;
    }
  }
}

function longer({ size }: Descriptor, place: string): ErofsWasmError {
  return new ErofsWasmError('E_SIZE', `the content is longer than its descriptor says: ${size}`, {
    place,
    hint: 'the source is damaged, or something on the way changed the content',
  });
}

/** All bytes of a document. Throws `E_LIMIT` when there are too many, without reading on. */
export function collectDocument(
  stream: AsyncIterable<Uint8Array>,
  limit: DocumentLimit,
  place: string,
): Promise<Uint8Array> {
  return collect(stream, limit.limits[limit.name], () => tooLong(limit, place));
}

/** Throws `E_LIMIT` for a document that is announced with `length` bytes, where those are too many. */
export function checkLength(length: number, limit: DocumentLimit, place: string): void {
  if (length > limit.limits[limit.name]) throw tooLong(limit, place);
}

/** `E_LIMIT` for the document at `place`. */
export function tooLong({ name, limits }: DocumentLimit, place: string): ErofsWasmError {
  return limitError(name, limits, 'the length of a document', place);
}

/** All bytes of a stream. Throws what `tooMany` makes when there are more than `limit`, without reading on. */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  tooMany: () => Error,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw tooMany();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The content is not what was asked for. `place` names what it should have been. */
export function digestMismatch(found: string, place: string): ErofsWasmError {
  return new ErofsWasmError('E_DIGEST', `the content has another digest: ${found}`, {
    place,
    hint: 'the source is damaged, or something on the way changed the content',
  });
}
