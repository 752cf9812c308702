/** Header blocks as they are written, on the fields that the reader reads (POSIX.1-2017 pax, "ustar Interchange Format"). */

import { BLOCK_SIZE, type Field, HEADER } from './header.ts';

/** The fields of a header block. Texts hold one char code a byte; what is too long for its field is cut. */
export interface HeaderFields {
  readonly name: string;
  readonly prefix?: string;
  readonly typeflag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkName?: string;
  readonly devMajor?: number;
  readonly devMinor?: number;
}

const MAGIC = 'ustar\x0000';

/** A block of {@link BLOCK_SIZE} with its checksum. A number that its field cannot hold stands as the nearest that it can. */
export function headerBlock(fields: HeaderFields): Uint8Array {
  const block = new Uint8Array(BLOCK_SIZE);
  putText(block, HEADER.name, fields.name);
  putText(block, HEADER.prefix, fields.prefix ?? '');
  putText(block, HEADER.typeflag, fields.typeflag);
  putText(block, HEADER.linkName, fields.linkName ?? '');
  putText(block, HEADER.magic, MAGIC);
  putOctal(block, HEADER.mode, fields.mode);
  putOctal(block, HEADER.uid, fields.uid);
  putOctal(block, HEADER.gid, fields.gid);
  putOctal(block, HEADER.size, fields.size);
  putOctal(block, HEADER.mtime, fields.mtime);
  putOctal(block, HEADER.devMajor, fields.devMajor ?? 0);
  putOctal(block, HEADER.devMinor, fields.devMinor ?? 0);
  putChecksum(block);
  return block;
}

/** Whether a field holds the number in octal digits. */
export function fitsOctal(field: Field, value: number): boolean {
  return value >= 0 && value <= highestOctal(field);
}

/** A NUL ends the digits. */
function highestOctal([, length]: Field): number {
  return 8 ** (length - 1) - 1;
}

function putOctal(block: Uint8Array, field: Field, value: number): void {
  const nearest = Math.max(0, Math.min(value, highestOctal(field)));
  putText(block, field, nearest.toString(8).padStart(field[1] - 1, '0'));
}

function putText(block: Uint8Array, [offset, length]: Field, text: string): void {
  const end = Math.min(text.length, length);
  for (let i = 0; i < end; i++) block[offset + i] = text.charCodeAt(i);
}

/** Six digits, a NUL and a space, counted with blanks in its place. */
function putChecksum(block: Uint8Array): void {
  putText(block, HEADER.checksum, ' '.repeat(HEADER.checksum[1]));
  const sum = block.reduce((total, byte) => total + byte, 0);
  putText(block, HEADER.checksum, `${sum.toString(8).padStart(6, '0')}\0`);
}
