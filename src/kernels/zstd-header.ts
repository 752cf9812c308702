/** Headers of Zstandard frames (RFC 8878 section 3.1.1.1), refused where decoding would take what we do not give. */

import { ErofsWasmError } from '../errors.ts';
import { invalidPacked, placeInPacked } from './packed-error.ts';

/** What `zstd --long=27` needs, and what its decoder grants by default. */
export const LARGEST_WINDOW = 128 * 1024 * 1024;
/** RFC 8878 section 3.1.1.2.3. */
export const LARGEST_BLOCK = 128 * 1024;
/** Magic number and descriptor come before the fields that the descriptor announces. */
const FIELDS_AT = 5;
const SINGLE_SEGMENT = 0x20;
const RESERVED = 0x08;
const CHECKSUM = 0x04;

export interface ZstdHeader {
  /** No block packs or unpacks to more. */
  readonly largestBlock: number;
  /** How far back matches go, in bytes, up to {@link LARGEST_WINDOW}. */
  readonly window: number;
  /** Bytes of the whole frame, where they are said. */
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
}

/** Sizes of the fields behind the descriptor, in their order. */
function fieldSizes(descriptor: number): { window: number; dictionary: number; content: number } {
  const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
  return {
    window: isSingle ? 0 : 1,
    dictionary: [0, 1, 2, 4][descriptor & 3]!,
    content: [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!,
  };
}

/** Bytes of the header behind the descriptor, 1 to 13. */
export function zstdFieldsSize(descriptor: number): number {
  const { window, dictionary, content } = fieldSizes(descriptor);
  return window + dictionary + content;
}

/**
 * Reads a whole header that ends at byte `offset` of the stream. Throws `E_LIMIT` for a window above
 * {@link LARGEST_WINDOW} and `E_COMPRESSION` for a dictionary or reserved bits.
 */
export function readZstdHeader(header: Uint8Array, offset: number): ZstdHeader {
  const descriptor = header[FIELDS_AT - 1]!;
  if ((descriptor & RESERVED) !== 0)
    throw invalidPacked('reserved bit in a Zstandard frame', offset);
  const sizes = fieldSizes(descriptor);
  const contentAt = FIELDS_AT + sizes.window + sizes.dictionary;
  if (littleEndian(header.subarray(FIELDS_AT + sizes.window, contentAt)) !== 0) {
    throw invalidPacked('a Zstandard frame needs a dictionary', offset);
  }
  const content = contentSize(header.subarray(contentAt, contentAt + sizes.content));
  const window = sizes.window === 0 ? content : windowSize(header[FIELDS_AT]!);
  if (window > LARGEST_WINDOW) throw windowError(window, offset);
  return {
    largestBlock: Math.min(window, LARGEST_BLOCK),
    window,
    contentSize: sizes.content === 0 ? undefined : content,
    hasChecksum: (descriptor & CHECKSUM) !== 0,
  };
}

/** Above 2^53 it is not exact, and far above any limit. */
function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** RFC 8878 section 3.1.1.1.4: two bytes count from 256. */
function contentSize(field: Uint8Array): number {
  return littleEndian(field) + (field.length === 2 ? 256 : 0);
}

/** RFC 8878 section 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function windowError(window: number, offset: number): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', `a Zstandard frame needs a window of ${window} bytes`, {
    place: placeInPacked(offset),
    hint: `pack it with a window of at most ${LARGEST_WINDOW} bytes (zstd --long=27)`,
  });
}
