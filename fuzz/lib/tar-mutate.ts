/** Damage that knows what a tar looks like: fields, blocks, PAX values and checksums. */

import type { Mutator } from './mutate.ts';
import type { Random } from './random.ts';

const BLOCK = 512;
const CHECKSUM_AT = 148;
const TYPEFLAG_AT = 156;

/** Offset and length of fields that hold numbers or text. */
const FIELDS: readonly (readonly [number, number])[] = [
  [0, 100],
  [100, 8],
  [108, 8],
  [116, 8],
  [124, 12],
  [136, 12],
  [157, 100],
  [257, 8],
  [329, 8],
  [337, 8],
  [345, 155],
  [386, 12],
  [398, 12],
  [482, 1],
  [483, 12],
  [504, 1],
  [508, 4],
];

const FIELD_TEXTS: readonly string[] = [
  '',
  '0',
  '1',
  '7',
  '777',
  '0000755',
  '00000000010',
  '00000000777\0',
  '00000001000',
  '77777777777',
  '7777777',
  ' 12 ',
  '-1',
  '9',
  'x',
  '\x80\0\0\0\0\0\0\0\0\0\x02\0',
  '\x80\0\0\0\0\0\0\0\x7f\xff\xff\xff',
  '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  '\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  '\x80\0\0\0\0\x1f\xff\xff\xff\xff\xff\xff',
  '\x80\0\0\0\0\x20\0\0\0\0\0\0',
  'ustar\x0000',
  'ustar  \0',
  'tar\0',
  '/',
  '..',
  '../../x',
  'd/file',
  'd',
  '.',
  '.wh.x',
  '.wh..wh..opq',
  'a//b/./c',
  '\xff\xfe',
];

const TYPEFLAGS = '\x000123456789gxLKSVDMNAX ';

/** One change of a kind that means something in a tar, or of any kind. */
export function changeTar(mutator: Mutator, random: Random): void {
  const kind = random.below(10);
  if (kind < 3) setField(mutator, random);
  else if (kind < 4) setTypeflag(mutator, random);
  else if (kind < 5) moveBlocks(mutator, random);
  else if (kind < 6) changeDigit(mutator, random);
  else mutator.change(random);
}

function blockStart(mutator: Mutator, random: Random): number {
  return BLOCK * random.below(Math.max(1, Math.floor(mutator.length / BLOCK)));
}

function setField(mutator: Mutator, random: Random): void {
  const block = blockStart(mutator, random);
  const [offset, length] = random.pick(FIELDS);
  const text = random.pick(FIELD_TEXTS);
  if (block + BLOCK > mutator.length) return;
  for (let i = 0; i < length; i++) mutator.bytes[block + offset + i] = text.charCodeAt(i) || 0;
}

function setTypeflag(mutator: Mutator, random: Random): void {
  const flag = TYPEFLAGS.charCodeAt(random.below(TYPEFLAGS.length));
  mutator.bytes[blockStart(mutator, random) + TYPEFLAG_AT] = flag;
}

/** Drops, doubles or carries blocks to another place. */
function moveBlocks(mutator: Mutator, random: Random): void {
  const at = blockStart(mutator, random);
  const length = Math.min(BLOCK * (1 + random.small(4)), mutator.length - at);
  if (length <= 0) return;
  const kind = random.below(3);
  if (kind === 0) mutator.remove(at, length);
  else if (kind === 1) mutator.duplicate(at, length);
  else mutator.put(blockStart(mutator, random), mutator.bytes.slice(at, at + length));
}

/** Another digit for a digit: lengths of PAX records, sizes and sparse maps stay numbers. */
function changeDigit(mutator: Mutator, random: Random): void {
  const start = random.below(mutator.length);
  for (let at = start; at < Math.min(mutator.length, start + BLOCK); at++) {
    const byte = mutator.bytes[at]!;
    if (byte < 0x30 || byte > 0x39) continue;
    mutator.bytes[at] = 0x30 + random.below(10);
    return;
  }
}

/** Makes the checksum right in each block that looks like a header. */
export function repairChecksums({ bytes, length }: Mutator): void {
  for (let at = 0; at + BLOCK <= length; at += BLOCK) {
    if (!looksLikeHeader(bytes, at)) continue;
    let sum = 8 * 0x20;
    for (let i = at; i < at + CHECKSUM_AT; i++) sum += bytes[i]!;
    for (let i = at + CHECKSUM_AT + 8; i < at + BLOCK; i++) sum += bytes[i]!;
    for (let i = 5; i >= 0; i--) {
      bytes[at + CHECKSUM_AT + i] = 0x30 + (sum & 7);
      sum >>>= 3;
    }
    bytes[at + CHECKSUM_AT + 6] = 0;
    bytes[at + CHECKSUM_AT + 7] = 0x20;
  }
}

/** By its magic, or by octal digits where the checksum is. */
function looksLikeHeader(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 257] === 0x75 && bytes[at + 258] === 0x73) return true;
  let digits = 0;
  for (let i = at + CHECKSUM_AT; i < at + CHECKSUM_AT + 6; i++) {
    if (bytes[i]! >= 0x30 && bytes[i]! <= 0x37) digits++;
  }
  return digits >= 5;
}
