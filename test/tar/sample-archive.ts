/** An archive with every dialect feature, so with every state the reader can be cut in, and what it holds. */

import {
  base256,
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

const SPARSE_0_0 = tarItem({
  path: 'records',
  body: 'ab',
  pax: [
    ['GNU.sparse.size', '99'],
    ['GNU.sparse.numblocks', '2'],
    ['GNU.sparse.offset', '7'],
    ['GNU.sparse.numbytes', '1'],
    ['GNU.sparse.offset', '50'],
    ['GNU.sparse.numbytes', '1'],
  ],
});

const SPARSE_0_1 = tarItem({
  path: 'GNUSparseFile.0/x',
  body: 'abc',
  pax: { 'GNU.sparse.map': '3,1,9,2', 'GNU.sparse.size': '20', 'GNU.sparse.name': 'one-record' },
});

const SPARSE_1_0 = tarItem({
  path: 'GNUSparseFile.0/x',
  body: concat([padded('2\n5\n2\n100\n3\n'), 'abcde']),
  pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '200', 'GNU.sparse.name': 'text-map' },
});

const ATTRIBUTES = {
  hdrcharset: 'BINARY',
  'LIBARCHIVE.xattr.user.a%3Db': 'AAECAw',
  'SCHILY.xattr.user.empty': '',
  'RHT.security.selinux': 'system_u:object_r:bin_t:s0\0',
  'SCHILY.acl.access': 'user::rwx,group::r-x,other::r-x',
};

const NUMBERS = {
  typeflag: '7',
  uid: base256(0xffff_ffffn, 8),
  mtime: base256(-5n, 12),
};

export const ARCHIVE = concat([
  tarItem({ path: 'V', dialect: 'gnu', header: { typeflag: 'V' } }),
  tarItem({ path: 'g', globalPax: { comment: 'x', uid: '5' }, body: 'y'.repeat(300) }),
  tarItem({ path: 'd/', mtime: -3, mtimeNsec: 7, xattrs: { 'user.x': 'a=b\nc' }, pax: ATTRIBUTES }),
  extensionHeader('L', `${'n'.repeat(600)}\0`, 'gnu'),
  tarItem({ path: 'cut', body: 'x'.repeat(512), dialect: 'gnu' }),
  gnuSparse(),
  SPARSE_0_0,
  SPARSE_0_1,
  SPARSE_1_0,
  tarItem({ path: 'link', linkPath: 't'.repeat(120), header: { size: '00000001000' } }),
  extensionHeader('K', `${'k'.repeat(120)}\0`, 'gnu'),
  tarItem({ path: 'hard', type: 'hardlink', linkPath: 'cut', dialect: 'gnu' }),
  tarItem({ path: 'v7', dialect: 'v7', header: { typeflag: '\0' } }),
  tarItem({ path: 'old-dir/', header: { typeflag: '\0', prefix: 'pre/fix' } }),
  tarItem({ path: 'dump', type: 'directory', body: 'Yfile\0\0', header: { typeflag: 'D' } }),
  tarItem({ path: Uint8Array.of(0x66, 0xff, 0xe9), header: NUMBERS }),
  tarItem({ path: 'null', type: 'char', major: 1, minor: 3 }),
  tarItem({ path: 'disk', type: 'block', header: { devMajor: '', devMinor: '       ' } }),
  tar([{ path: 'pipe', type: 'fifo' }]),
]);

/** What it holds. */
export const WHOLE = collect(ARCHIVE);
