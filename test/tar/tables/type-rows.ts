/** Rows about typeflags. */

import { concat, paxHeader, type TarItem, tar, tarItem } from '../../support/tar-builder.ts';
import type { Row } from './row.ts';

/** An entry of any typeflag between two files. */
function between(item: TarItem): Uint8Array {
  return tar([{ path: 'a', body: 'one' }, item, { path: 'z', body: 'two' }]);
}

function flagged(typeflag: string, more: Partial<TarItem> = {}): Uint8Array {
  return between({ path: 'x', ...more, header: { ...more.header, typeflag } });
}

const around = (...lines: string[]) => ['file a "one"', ...lines, 'file z "two"'];
const SIZED = { size: '00000000005' };

export const TYPE_ROWS: readonly Row[] = [
  {
    row: 'typeflag NUL is a regular file (mkfs.erofs leaves it out)',
    archive: flagged('\0', { body: 'x' }),
    gives: around('file x "x"'),
  },
  {
    row: 'typeflag 7 is a regular file',
    archive: flagged('7', { body: 'x' }),
    gives: around('file x "x"'),
  },
  {
    row: 'typeflag NUL and a name that ends in a slash is a directory (mkfs.erofs leaves it out)',
    archive: flagged('\0', { path: 'x/' }),
    gives: around('directory x/'),
  },
  {
    row: 'typeflag 1 with a size has no body (mkfs.erofs loses the rest)',
    archive: between({ path: 'x', type: 'hardlink', linkPath: 'a', header: SIZED }),
    gives: around('hardlink x -> a'),
  },
  {
    row: 'typeflag 1 with a body all the same (bsdtar warns and looks for a header, Python ends the archive)',
    unlike: ['bsdtar', 'python'],
    archive: between({ path: 'x', type: 'hardlink', linkPath: 'a', body: 'hello' }),
    gives: 'E_TAR',
  },
  {
    row: 'typeflag 2 with a size has no body (mkfs.erofs and GNU tar -t lose the rest)',
    unlike: ['tar'],
    archive: between({ path: 'x', linkPath: 'a', header: SIZED }),
    gives: around('symlink x -> a'),
  },
  {
    row: 'typeflags 3 and 4 with device numbers',
    archive: tar([
      { path: 'c', type: 'char', major: 1, minor: 3 },
      { path: 'b', type: 'block', major: 259, minor: 1_048_575 },
    ]),
    gives: ['char c major=1 minor=3', 'block b major=259 minor=1048575'],
  },
  {
    row: 'typeflags 3 and 4 with blank device numbers, which are 0 (GNU tar refuses them, mkfs.erofs ends the archive)',
    unlike: ['tar'],
    archive: between({ path: 'x', type: 'char', header: { devMajor: '', devMinor: '        ' } }),
    gives: around('char x'),
  },
  {
    row: 'a device number that is no number (bsdtar and Python read what they can)',
    unlike: ['bsdtar', 'python'],
    archive: between({ path: 'x', type: 'char', header: { devMajor: '9' } }),
    gives: 'E_TAR',
  },
  {
    row: 'typeflag 5 with a size has no body (mkfs.erofs loses the rest)',
    archive: between({ path: 'x/', header: SIZED }),
    gives: around('directory x/'),
  },
  {
    row: 'typeflag 6',
    archive: between({ path: 'x', type: 'fifo' }),
    gives: around('fifo x'),
  },
  {
    row: 'typeflag V with a body: a label, passed over (GNU tar lists it, Python has a file, bsdtar refuses)',
    unlike: ['tar', 'bsdtar', 'python'],
    archive: flagged('V', { body: 'label', dialect: 'gnu' }),
    gives: around(),
  },
  {
    row: 'typeflag D with a body: a directory (Python has a file, mkfs.erofs nothing)',
    unlike: ['python'],
    archive: flagged('D', { type: 'directory', body: 'Yfile\0\0', dialect: 'gnu' }),
    gives: around('directory x'),
  },
  ...['M', 'N', 'X', 'A', 'E', 'I', 'Z', '8'].map(
    (flag): Row => ({
      row: `typeflag ${flag} is refused, as by container engines (most others have a file of it, mkfs.erofs nothing)`,
      unlike: ['tar', 'bsdtar', 'python'],
      archive: flagged(flag, { body: 'x' }),
      gives: 'E_TAR',
    }),
  ),
  {
    row: 'typeflag g without an entry (Python refuses it)',
    unlike: ['python'],
    archive: concat([paxHeader({ comment: 'x' }, 'g'), tar([])]),
    gives: [],
  },
  {
    row: 'typeflag x without an entry (GNU tar says nothing)',
    unlike: ['tar'],
    archive: concat([paxHeader({ path: 'x' }), tar([])]),
    gives: 'E_PAX',
  },
  {
    row: 'typeflag x at the end of the stream (GNU tar says nothing)',
    unlike: ['tar'],
    archive: paxHeader({ path: 'x' }),
    gives: 'E_TRUNCATED',
  },
  {
    row: 'typeflag x with a body cut short (mkfs.erofs ends the archive)',
    archive: tarItem({ path: 'a', pax: { path: 'x' } }).subarray(0, 800),
    gives: 'E_TRUNCATED',
  },
];
