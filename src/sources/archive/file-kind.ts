/** What a file is by its first bytes, where it may not be the plain tar that is wanted. */

import { ErofsWasmError } from '../../errors.ts';
import { isHeader } from '../../tar/checksum.ts';

/** Bytes that tell: up to the end of the last signature. */
export const KIND_SIZE = 1028;

const GZIP = '\x1f\x8b';
const ZSTD = '\x28\xb5\x2f\xfd';
/** The last three bytes of the magic of a skippable frame, which may come first (RFC 8878, section 3.1.2). */
const SKIPPABLE = '\x2a\x4d\x18';

interface Signature {
  readonly magic: string;
  readonly at: number;
  readonly name: string;
  readonly hint: string;
}

const REFUSED: readonly Signature[] = [
  { magic: 'BZh', at: 0, name: 'compressed with bzip2', hint: 'unpack it first with `bzip2 -d`' },
  { magic: '\xfd7zXZ', at: 0, name: 'compressed with xz', hint: 'unpack it first with `xz -d`' },
  {
    magic: 'hsqs',
    at: 0,
    name: 'a squashfs file system',
    hint: 'unpack it with `unsquashfs`, and make a tar of the files',
  },
  {
    magic: 'SIF_MAGIC',
    at: 32,
    name: 'a Singularity image (SIF)',
    hint: 'take the image it was made from',
  },
  {
    magic: '\xe2\xe1\xf5\xe0',
    at: 1024,
    name: 'an EROFS file system already',
    hint: 'there is nothing to convert',
  },
];

/** Whether the file must be unpacked first. Throws `E_ARCHIVE` for a file that can hold no image. */
export function isPacked(head: Uint8Array, place: string): boolean {
  const text = Buffer.from(head.subarray(0, KIND_SIZE)).toString('latin1');
  if (text.startsWith(GZIP) || text.startsWith(ZSTD)) return true;
  if (/^[P-_]/.test(text) && text.startsWith(SKIPPABLE, 1)) return true;
  // A tar may start with a file of an odd name.
  if (isHeader(head)) return false;
  const found = REFUSED.find(({ magic, at }) => text.startsWith(magic, at));
  if (found === undefined) return false;
  const { name, hint } = found;
  throw new ErofsWasmError('E_ARCHIVE', `the file is not a tar but ${name}`, { place, hint });
}
