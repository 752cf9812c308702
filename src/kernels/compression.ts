/** Kinds of compression, told apart by the first bytes of a stream. */

import { GZIP_MAGIC } from './gzip-header.ts';
import { isZstdMagic } from './zstd-frames.ts';

/** `tar` is everything that none of the others claims. */
export type Compression = 'gzip' | 'zstd' | 'tar' | UnsupportedCompression;
export type UnsupportedCompression =
  | 'xz'
  | 'bzip2'
  | 'lzip'
  | 'lzma'
  | 'lz4'
  | 'lzop'
  | 'compress'
  | 'zip'
  | '7z';

/** Bytes that {@link detectCompression} needs to be sure: up to the end of a tar header's magic. */
export const DETECTION_SIZE = 262;
/** POSIX.1-2024 pax, ustar interchange format. */
const USTAR_AT = 257;
const USTAR = 'ustar';

const UNSUPPORTED: readonly { readonly kind: UnsupportedCompression; readonly magic: string }[] = [
  { kind: 'xz', magic: '\xfd7zXZ\0' },
  { kind: 'bzip2', magic: 'BZh' },
  { kind: 'lzip', magic: 'LZIP' },
  { kind: 'lzma', magic: '\x5d\0\0' },
  { kind: 'lz4', magic: '\x04\x22\x4d\x18' },
  { kind: 'lzop', magic: '\x89LZO' },
  { kind: 'compress', magic: '\x1f\x9d' },
  { kind: 'compress', magic: '\x1f\xa0' },
  { kind: 'zip', magic: 'PK\x03\x04' },
  { kind: '7z', magic: '7z\xbc\xaf\x27\x1c' },
];

/**
 * What `head`, the first {@link DETECTION_SIZE} bytes or the whole of a shorter stream, is the start of. gzip and
 * Zstandard come first, as in every container engine; the others, which would only be refused, give way to a tar
 * header whose first file has an odd name.
 */
export function detectCompression(head: Uint8Array): Compression {
  if (head[0] === GZIP_MAGIC[0] && head[1] === GZIP_MAGIC[1]) return 'gzip';
  if (head.length >= 4 && isZstdMagic(readMagic(head))) return 'zstd';
  if (startsWith(head.subarray(USTAR_AT), USTAR)) return 'tar';
  return UNSUPPORTED.find(({ magic }) => startsWith(head, magic))?.kind ?? 'tar';
}

function readMagic(head: Uint8Array): number {
  return new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return (
    bytes.length >= text.length &&
    Array.from(text).every((char, at) => bytes[at] === char.charCodeAt(0))
  );
}
