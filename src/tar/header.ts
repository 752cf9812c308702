/** The 512-byte header block: POSIX.1-2017 pax "ustar Interchange Format", and GNU tar's `tar.h`. */

import { NO_PATH } from './failure.ts';
import { readNumber } from './numbers.ts';

export const BLOCK_SIZE = 512;

/** A block in place: `at` is its index in `bytes`, `offset` its byte offset in the archive. */
export interface Block {
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly view: DataView;
  readonly at: number;
  readonly offset: number;
}

/** Offset and length of a field in the block. */
export type Field = readonly [offset: number, length: number];

export const HEADER = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  devMajor: [329, 8],
  devMinor: [337, 8],
  prefix: [345, 155],
  starPrefix: [345, 131],
  gnuSparse: [386, 96],
  gnuIsExtended: [482, 1],
  gnuRealSize: [483, 12],
  starTrailer: [508, 4],
} as const satisfies Record<string, Field>;

/** What the magic says about the bytes behind it. */
export type Dialect = 'v7' | 'ustar' | 'star' | 'gnu';

export const SPACE = 0x20;
const SLASH = 0x2f;

/** Which dialect the block is in; any unknown magic is the oldest one, which had none. */
export function dialectOf({ bytes, at }: Block): Dialect {
  if (!startsWith(bytes, at + HEADER.magic[0], 'ustar')) return 'v7';
  const next = bytes[at + HEADER.magic[0] + 5];
  if (next === SPACE) return 'gnu';
  if (next !== 0) return 'v7';
  return startsWith(bytes, at + HEADER.starTrailer[0], 'tar\0') ? 'star' : 'ustar';
}

export function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** The number in a field; see {@link readNumber}. */
export function numberField({ bytes, at }: Block, field: Field): number {
  return readNumber(bytes, at + field[0], field[1]);
}

/** A copy of the text in a field, up to its first NUL. */
export function textField({ bytes, at }: Block, field: Field): Uint8Array {
  const start = at + field[0];
  const limit = start + field[1];
  let end = start;
  while (end < limit && bytes[end] !== 0) end++;
  return end === start ? NO_PATH : bytes.slice(start, end);
}

export function typeflagOf({ bytes, at }: Block): number {
  return bytes[at + HEADER.typeflag[0]]!;
}

/** The path in the header. GNU tar has times and a sparse map where ustar has the prefix. */
export function headerPath(block: Block, dialect: Dialect): Uint8Array {
  const name = textField(block, HEADER.name);
  if (dialect === 'v7' || dialect === 'gnu') return name;
  const prefix = textField(block, dialect === 'star' ? HEADER.starPrefix : HEADER.prefix);
  if (prefix.length === 0) return name;
  const path = new Uint8Array(prefix.length + 1 + name.length);
  path.set(prefix);
  path[prefix.length] = SLASH;
  path.set(name, prefix.length + 1);
  return path;
}

export function isZeroBlock({ bytes, at }: Block): boolean {
  for (let i = at; i < at + BLOCK_SIZE; i++) {
    if (bytes[i] !== 0) return false;
  }
  return true;
}
