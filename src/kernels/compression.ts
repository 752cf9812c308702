/** What a stream is, told by its first bytes: a tar, packed or not, or something that is no layer at all. */

import { isHeader } from '../tar/checksum.ts';
import { GZIP_MAGIC } from './gzip-header.ts';
import { isZstdMagic } from './zstd-frames.ts';

/** `tar` is everything that none of the others claims. */
export type Compression = 'gzip' | 'zstd' | 'tar' | Unsupported;

/** A format that is refused by name. */
export interface Unsupported {
  readonly name: string;
  /** Whether the format holds files itself, so that there is no tar to unpack from it. */
  readonly isContainer: boolean;
}

interface Signature extends Unsupported {
  readonly magic: string;
  /** Offset of `magic`, 0 unless it is said. */
  readonly at?: number;
}

/** Bytes that {@link detectCompression} needs to be sure: up to the end of the last signature. */
export const DETECTION_SIZE = 1082;
/** POSIX.1-2024 pax, ustar interchange format. */
const USTAR_AT = 257;
const USTAR = 'ustar';

const packed = (name: string, magic: string): Signature => ({ name, magic, isContainer: false });
const container = (name: string, magic: string, at = 0): Signature => ({
  name,
  magic,
  at,
  isContainer: true,
});

const SIGNATURES: readonly Signature[] = [
  packed('xz', '\xfd7zXZ\0'),
  packed('bzip2', 'BZh'),
  packed('lzip', 'LZIP'),
  packed('lz4', '\x04\x22\x4d\x18'),
  packed('lz4 (legacy)', '\x02\x21\x4c\x18'),
  packed('lzop', '\x89LZO'),
  packed('compress', '\x1f\x9d'),
  packed('compress', '\x1f\xa0'),
  // Of the LZMA header only the usual properties are fixed; the third byte is 0 for every usual dictionary.
  packed('lzma', '\x5d\0\0'),
  container('zip', 'PK\x03\x04'),
  container('7z', '7z\xbc\xaf\x27\x1c'),
  container('cpio', '070701'),
  container('squashfs', 'hsqs'),
  container('SIF', 'SIF_MAGIC', 32),
  container('EROFS', '\xe2\xe1\xf5\xe0', 1024),
  container('ext4', '\x53\xef', 1080),
];

/**
 * What `head`, the first {@link DETECTION_SIZE} bytes or the whole of a shorter stream, is the start of. gzip and
 * Zstandard come first, as in every container engine; the others, which would only be refused, give way to a tar
 * header whose first file has an odd name.
 */
export function detectCompression(head: Uint8Array): Compression {
  if (head[0] === GZIP_MAGIC[0] && head[1] === GZIP_MAGIC[1]) return 'gzip';
  if (head.length >= 4 && isZstdMagic(readMagic(head))) return 'zstd';
  if (holds(head, USTAR, USTAR_AT) || isHeader(head)) return 'tar';
  return SIGNATURES.find(({ magic, at = 0 }) => holds(head, magic, at)) ?? 'tar';
}

function readMagic(head: Uint8Array): number {
  return new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
}

function holds(bytes: Uint8Array, text: string, at: number): boolean {
  return (
    bytes.length >= at + text.length &&
    Array.from(text).every((char, i) => bytes[at + i] === char.charCodeAt(0))
  );
}
