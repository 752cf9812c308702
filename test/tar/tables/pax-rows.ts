/** Rows about PAX records: names, numbers, times, attributes, sparse files, global headers. */

import {
  concat,
  extensionHeader,
  type PaxRecords,
  padded,
  paxHeader,
  type TarItem,
  tar,
  tarItem,
} from '../../support/tar-builder.ts';
import { oneFile } from '../collect.ts';
import type { Row } from './row.ts';

const withPax = (pax: PaxRecords, more: Partial<TarItem> = {}) => oneFile({ pax, ...more });
const withBody = (body: string) => concat([extensionHeader('x', body), oneFile({})]);

const ACL = '! access control lists in SCHILY.acl records are left out, here and further on';
const GLOBAL = '! global PAX headers are applied, as POSIX says; container engines ignore them';

const VALUES: readonly Row[] = [
  {
    row: 'a path and a link path',
    archive: withPax({ path: 'p/q', linkpath: 't/u' }, { linkPath: 'x' }),
    gives: ['symlink p/q -> t/u'],
  },
  {
    row: 'an empty path, which takes the record back (GNU tar and Python have an empty name)',
    archive: withPax({ path: '' }),
    gives: ['file a'],
    unlike: ['tar', 'python'],
  },
  {
    row: 'a NUL in a path, which no file can have (GNU tar and bsdtar cut it, Python keeps it)',
    archive: withPax({ path: 'a\0b' }),
    gives: 'E_PAX',
    unlike: ['tar', 'bsdtar', 'python'],
  },
  {
    row: 'a newline and an equals sign in a path, and what looks like a record',
    archive: withPax({ path: 'a=b\n9 path=c' }),
    gives: ['file a=b\\x0a9 path=c'],
  },
  {
    row: 'hdrcharset=BINARY: bytes are kept, as they are without it',
    archive: withPax([
      ['hdrcharset', 'BINARY'],
      ['path', Uint8Array.of(0x66, 0xe9)],
    ]),
    gives: ['file f\\xe9'],
  },
  {
    row: 'a size over 8 GiB, of which there is the header',
    archive: tarItem({ path: 'a', pax: { size: '8589934597' } }),
    gives: 'E_TRUNCATED',
  },
  {
    row: 'a negative size (Python reads on behind it)',
    archive: withPax({ size: '-1' }),
    gives: 'E_TAR',
    unlike: ['python'],
  },
  {
    row: 'a time with more digits than nanoseconds have',
    archive: withPax({ mtime: '1.9999999999' }),
    gives: ['file a mtime=1+999999999'],
  },
  {
    row: 'a time before 1970, rounded down to a second',
    archive: withPax({ mtime: '-1.5' }),
    gives: ['file a mtime=-2+500000000'],
  },
  ...['NaN', '1e3', 'inf', '0x10', '1,5'].map(
    (mtime): Row => ({
      row: `a time of ${mtime} (others read what they can of it)`,
      archive: withPax({ mtime }),
      gives: 'E_PAX',
      unlike: ['tar', 'bsdtar', 'python'],
    }),
  ),
  {
    row: 'a uid of 4294967297 (bsdtar and Python keep it, mkfs.erofs makes it 1)',
    archive: withPax({ uid: '4294967297' }),
    gives: 'E_RANGE',
    unlike: ['bsdtar', 'python'],
  },
  {
    row: 'a uid of -1 (bsdtar and Python keep it)',
    archive: withPax({ uid: '-1' }),
    gives: 'E_RANGE',
    unlike: ['bsdtar', 'python'],
  },
  {
    row: 'access and change times, comments and keys of vendors, which say nothing about an image',
    archive: withPax({ atime: '1', ctime: '2', comment: 'x', 'VENDOR.key': '\0', charset: 'x' }),
    gives: ['file a'],
  },
  {
    row: 'two x headers for one entry: the second replaces the first (Python has it the other way, bsdtar refuses)',
    archive: concat([
      paxHeader({ path: 'one', uid: '1' }),
      paxHeader({ path: 'two' }),
      oneFile({}),
    ]),
    gives: ['file two'],
    unlike: ['bsdtar', 'python'],
  },
  {
    row: 'a record whose length is wrong (Python reads on)',
    archive: withBody('9 path=xx\n'),
    gives: 'E_PAX',
    unlike: ['python'],
  },
];

const xattrs = (records: PaxRecords, more: Partial<TarItem> = {}) => withPax(records, more);

const ATTRIBUTES: readonly Row[] = [
  {
    row: 'SCHILY.xattr with a NUL, a newline and an equals sign in its value',
    archive: xattrs({ 'SCHILY.xattr.user.x': '\0=\n\xff' }),
    gives: [`file a user.x=${JSON.stringify('\0=\n\xc3\xbf')}`],
  },
  {
    row: 'SCHILY.xattr without a value, which Linux has',
    archive: xattrs({ 'SCHILY.xattr.user.x': '' }),
    gives: ['file a user.x=""'],
  },
  {
    row: 'SCHILY.xattr twice: the last wins',
    archive: xattrs([
      ['SCHILY.xattr.user.x', 'one'],
      ['SCHILY.xattr.user.x', 'two'],
    ]),
    gives: ['file a user.x="two"'],
  },
  {
    row: 'LIBARCHIVE.xattr: a name with an equals sign, base64 without padding',
    archive: xattrs({ 'LIBARCHIVE.xattr.user.a%3Db': 'AP8' }),
    gives: ['file a user.a=b="\\u0000ÿ"'],
  },
  {
    row: 'RHT.security.selinux (mkfs.erofs leaves it out)',
    archive: xattrs({ 'RHT.security.selinux': 'u:r:t:s0' }),
    gives: ['file a security.selinux="u:r:t:s0"'],
  },
  {
    row: 'a capability of version 3',
    archive: xattrs({ 'SCHILY.xattr.security.capability': '\x01\0\0\x03' }),
    gives: ['file a security.capability="\\u0001\\u0000\\u0000\\u0003"'],
  },
  {
    row: 'POSIX access control lists in the form of Linux',
    archive: xattrs({ 'SCHILY.xattr.system.posix_acl_access': '\x02\0\0\0' }),
    gives: ['file a system.posix_acl_access="\\u0002\\u0000\\u0000\\u0000"'],
  },
  {
    row: 'SCHILY.acl.*, which is text: left out with one warning',
    archive: tar([
      { path: 'a', pax: { 'SCHILY.acl.access': 'user::rwx,group::r-x,other::r-x' } },
      { path: 'd/', pax: { 'SCHILY.acl.default': 'user::rwx,group::r-x,other::r-x' } },
    ]),
    gives: ['file a', 'directory d/', ACL],
  },
  {
    row: 'attributes of symbolic links and devices, which the reader hands on as they are',
    archive: tar([
      { path: 's', linkPath: 't', xattrs: { 'user.x': '1' } },
      { path: 'c', type: 'char', xattrs: { 'security.x': '2' } },
    ]),
    gives: ['symlink s -> t user.x="1"', 'char c security.x="2"'],
  },
  {
    row: 'an attribute name of 256 bytes (others list it, mkfs.erofs writes a broken image)',
    archive: xattrs({ [`SCHILY.xattr.user.${'n'.repeat(251)}`]: '' }),
    gives: 'E_LIMIT',
    unlike: ['tar', 'bsdtar', 'python'],
  },
  {
    row: 'an attribute of 65536 bytes (others list it, mkfs.erofs writes a broken image)',
    archive: xattrs({ 'SCHILY.xattr.user.x': 'v'.repeat(65_536) }),
    gives: 'E_LIMIT',
    unlike: ['tar', 'bsdtar', 'python'],
  },
];

const GLOBALS: readonly Row[] = [
  {
    row: 'a comment, as `git archive` writes it',
    archive: tar([{ path: 'a', globalPax: { comment: '0123456789abcdef' } }]),
    gives: ['file a'],
  },
  {
    row: 'owner and time of all that follow, as POSIX says (containerd and moby ignore them; umoci refuses)',
    archive: tar([
      { path: 'a' },
      { path: 'b', globalPax: { uid: '5', mtime: '7' } },
      { path: 'c', pax: { uid: '6' } },
    ]),
    gives: ['file a', 'file b mtime=7+0 uid=5', 'file c mtime=7+0 uid=6', GLOBAL],
  },
  {
    row: 'attributes, merged with those of the entry (as mkfs.erofs does)',
    archive: tar([
      { path: 'a', globalPax: { 'SCHILY.xattr.user.g': '1' }, xattrs: { 'user.l': '2' } },
    ]),
    gives: ['file a user.g="1" user.l="2"', GLOBAL],
  },
];

/** One file of 20 bytes with "ab" at 3 and "c" at 9, in the forms that PAX has. */
const SPARSE_LINE = `file s ${JSON.stringify(`\0\0\0ab${'\0'.repeat(4)}c${'\0'.repeat(10)}`)}`;
const SPARSE_PAX: Readonly<Record<string, PaxRecords>> = {
  '0.0': [
    ['GNU.sparse.size', '20'],
    ['GNU.sparse.numblocks', '2'],
    ['GNU.sparse.offset', '3'],
    ['GNU.sparse.numbytes', '2'],
    ['GNU.sparse.offset', '9'],
    ['GNU.sparse.numbytes', '1'],
  ],
  '0.1': {
    'GNU.sparse.size': '20',
    'GNU.sparse.numblocks': '2',
    'GNU.sparse.map': '3,2,9,1',
    'GNU.sparse.name': 's',
  },
  '1.0': {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.realsize': '20',
    'GNU.sparse.name': 's',
  },
};

const SPARSE = Object.entries(SPARSE_PAX).map(
  ([version, pax]): Row => ({
    row: `a sparse file of version ${version} (mkfs.erofs stores its map and data)`,
    archive: oneFile({
      path: version === '0.0' ? 's' : 'GNUSparseFile.0/s',
      pax,
      body: version === '1.0' ? concat([padded('2\n3\n2\n9\n1\n'), 'abc']) : 'abc',
    }),
    gives: [SPARSE_LINE],
  }),
);

export const PAX_ROWS: Readonly<Record<string, readonly Row[]>> = {
  values: VALUES,
  'extended attributes': ATTRIBUTES,
  'global headers': GLOBALS,
  'sparse files': SPARSE,
};
