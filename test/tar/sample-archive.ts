/** An archive with every kind of state the reader can be cut in, and what it holds. */

import {
  concat,
  extensionHeader,
  octal,
  padded,
  setChecksum,
  setField,
  tar,
  tarHeader,
  tarItem,
} from '../support/tar-builder.ts';
import { collect } from './collect.ts';

/** Old GNU sparse file with one extension block. */
function gnuSparse(): Uint8Array {
  const header = tarHeader({
    path: 'old',
    body: 'abcde',
    dialect: 'gnu',
    header: { typeflag: 'S' },
  });
  const row = (offset: number, length: number) => `${octal(offset, 11)}\0${octal(length, 11)}\0`;
  setField(header, 'gnuSparse', [0, 10, 20, 30].map((offset) => row(offset, 1)).join(''));
  setField(header, 'gnuRealSize', octal(600, 11));
  setField(header, 'gnuIsExtended', '\x01');
  setChecksum(header);
  return concat([header, padded(row(500, 1)), padded('abcde')]);
}

const PAX_SPARSE = tarItem({
  path: 'GNUSparseFile.0/x',
  body: concat([padded('2\n5\n2\n100\n3\n'), 'abcde']),
  pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '200', 'GNU.sparse.name': 'text-map' },
});

export const ARCHIVE = concat([
  tarItem({ path: 'g', globalPax: { comment: 'x', uid: '5' }, body: 'y'.repeat(600) }),
  tarItem({ path: 'd/', mtime: -3, mtimeNsec: 7, xattrs: { 'user.x': 'a=b\nc' } }),
  extensionHeader('L', `${'n'.repeat(600)}\0`, 'gnu'),
  tarItem({ path: 'cut', body: 'x'.repeat(512), dialect: 'gnu' }),
  gnuSparse(),
  PAX_SPARSE,
  tarItem({ path: 'V', body: 'label', header: { typeflag: 'V' } }),
  tarItem({ path: 'link', linkPath: 't'.repeat(120) }),
  tar([{ path: 'empty' }]),
]);

/** What it holds. */
export const WHOLE = collect(ARCHIVE);
