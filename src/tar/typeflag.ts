/** The typeflag byte of a header: what kind of entry, and whether content stands behind it. */

import type { EntryType } from './entry.ts';

const code = (char: string): number => char.charCodeAt(0);

export const OLD_REGULAR = 0;
export const GNU_SPARSE = code('S');
export const GNU_LONG_NAME = code('L');
export const GNU_LONG_LINK = code('K');
export const GNU_VOLUME_LABEL = code('V');
export const GNU_DUMPDIR = code('D');
export const PAX_LOCAL = code('x');
export const PAX_GLOBAL = code('g');

const ENTRY_TYPES: ReadonlyMap<number, EntryType> = new Map([
  [OLD_REGULAR, 'file'],
  [code('0'), 'file'],
  [code('7'), 'file'],
  [GNU_SPARSE, 'file'],
  [code('1'), 'hardlink'],
  [code('2'), 'symlink'],
  [code('3'), 'char'],
  [code('4'), 'block'],
  [code('5'), 'directory'],
  [GNU_DUMPDIR, 'directory'],
  [code('6'), 'fifo'],
]);

/** Types that are known, so that the refusal can say what they are. */
const REFUSED_TYPES: ReadonlyMap<number, string> = new Map([
  [code('A'), 'Solaris access control list'],
  [code('E'), 'Solaris extended attribute file'],
  [code('I'), 'star inode metadata only'],
  [code('M'), 'GNU continuation of a file from another volume'],
  [code('N'), 'old GNU list of long names'],
  [code('X'), 'Solaris extended header'],
]);

/** The type of entry a typeflag stands for, undefined where it stands for none this reader keeps. */
export function entryTypeOf(typeflag: number): EntryType | undefined {
  return ENTRY_TYPES.get(typeflag);
}

export function isExtension(typeflag: number): boolean {
  return (
    typeflag === PAX_LOCAL ||
    typeflag === PAX_GLOBAL ||
    typeflag === GNU_LONG_NAME ||
    typeflag === GNU_LONG_LINK
  );
}

/** The typeflag for a message: the character, and its meaning where it has one. */
export function describeTypeflag(typeflag: number): string {
  const isPrintable = typeflag > 0x20 && typeflag < 0x7f;
  const shown = isPrintable ? String.fromCharCode(typeflag) : `0x${typeflag.toString(16)}`;
  const meaning = REFUSED_TYPES.get(typeflag);
  return meaning === undefined ? `"${shown}"` : `"${shown}" (${meaning})`;
}
