/** Rows about header blocks: dialects, numbers, checksums, the end of an archive. */

import {
  base256,
  concat,
  gnuLong,
  paxHeader,
  setChecksum,
  tar,
  tarHeader,
  tarItem,
} from '../../support/tar-builder.ts';
import { oneFile, raw } from '../collect.ts';
import type { Row } from './row.ts';

const ZEROS = new Uint8Array(512);
const HEADER_ONLY = { end: false };
const signed = tarHeader({ path: Uint8Array.of(0x61, 0xe9) });
setChecksum(signed, { signed: true });

const NO_MARKER = '! the archive has no end-of-archive marker';
const BEHIND = '! bytes behind the end of the archive are ignored';

export const HEADER_ROWS: readonly Row[] = [
  {
    row: 'a v7 header without a magic (mkfs.erofs refuses it)',
    archive: oneFile({ dialect: 'v7', body: 'x' }),
    gives: ['file a "x"'],
  },
  {
    row: 'a ustar prefix and name of 155 and 100 bytes, neither closed by a NUL',
    archive: raw({ prefix: 'p'.repeat(155), name: 'n'.repeat(100) }),
    gives: [`file ${'p'.repeat(155)}/${'n'.repeat(100)}`],
  },
  {
    row: 'a checksum over signed bytes',
    archive: concat([signed, ZEROS, ZEROS]),
    gives: ['file a\\xe9'],
  },
  {
    row: 'a wrong checksum',
    archive: raw({ checksum: '0000001\0 ' }),
    gives: 'E_TAR',
  },
  {
    row: 'a base-256 time of more than 32 bits',
    archive: raw({ mtime: base256(2n ** 40n, 12) }, { dialect: 'gnu' }),
    gives: ['file a mtime=1099511627776+0'],
  },
  {
    row: 'a base-256 time over 2^53-1, which also uses bits of the first byte',
    archive: raw({ mtime: base256(2n ** 90n, 12) }, { dialect: 'gnu' }),
    gives: 'E_RANGE',
  },
  {
    row: 'a negative base-256 time',
    archive: raw({ mtime: base256(-2n, 12) }, { dialect: 'gnu' }),
    gives: ['file a mtime=-2+0'],
  },
  {
    row: 'a negative size (Python reads on behind it)',
    archive: raw({ size: base256(-1n, 12) }, { dialect: 'gnu' }),
    gives: 'E_TAR',
    unlike: ['python'],
  },
  {
    row: 'a size over 2^53-1',
    archive: raw({ size: base256(2n ** 53n, 12) }, { dialect: 'gnu' }),
    gives: 'E_RANGE',
  },
  {
    row: 'NULs alone in every number, which are 0 (mkfs.erofs refuses them)',
    archive: raw({ mode: '', uid: '', gid: '', size: '', mtime: '' }),
    gives: ['file a mode=0'],
  },
  {
    row: 'blanks alone in numbers, which are 0 (GNU tar refuses them)',
    archive: raw({ uid: ' '.repeat(8), gid: ' '.repeat(8), mtime: ' '.repeat(12) }),
    gives: ['file a'],
    unlike: ['tar'],
  },
  {
    row: 'leading blanks, and numbers closed by a blank or by nothing',
    archive: raw({ uid: '   1750 ', gid: '00000017', mtime: '00000000017 ' }),
    gives: ['file a mtime=15+0 uid=1000 gid=15'],
  },
  {
    row: 'a uid over 32 bits, base-256 (bsdtar and Python keep it, mkfs.erofs cuts it, containerd makes it root)',
    archive: raw({ uid: base256(2n ** 32n, 8) }, { dialect: 'gnu' }),
    gives: 'E_RANGE',
    unlike: ['bsdtar', 'python'],
  },
  {
    row: 'a uid of 2^32-1',
    archive: raw({ uid: base256(2n ** 32n - 1n, 8) }, { dialect: 'gnu' }),
    gives: ['file a uid=4294967295'],
  },
  {
    row: 'file type bits in the mode, which the typeflag overrules',
    archive: raw({ mode: '0124755\0' }),
    gives: ['file a mode=4755'],
  },
  {
    row: 'all special bits of a mode',
    archive: oneFile({ mode: 0o7777 }),
    gives: ['file a mode=7777'],
  },
  {
    row: 'names of owners, which are not looked at',
    archive: oneFile({ pax: { uname: 'root', gname: 'nobody' }, uid: 7 }),
    gives: ['file a uid=7'],
  },
  {
    row: 'an empty name (GNU tar and mkfs.erofs take it for the root, Python keeps it)',
    unlike: ['tar', 'python'],
    archive: raw({ name: '' }),
    gives: 'E_PATH',
  },
  {
    row: 'one end block and the end of the stream',
    archive: concat([tar([{ path: 'a' }], HEADER_ONLY), ZEROS]),
    gives: ['file a', '! the archive ends after one zero block instead of two'],
  },
  {
    row: 'no end block',
    archive: tar([{ path: 'a' }], HEADER_ONLY),
    gives: ['file a', NO_MARKER],
  },
  {
    row: 'nothing at all (bsdtar and mkfs.erofs take it for an empty archive)',
    unlike: ['bsdtar'],
    archive: new Uint8Array(0),
    gives: 'E_TRUNCATED',
  },
  {
    row: 'two archives one behind the other: the first ends it (mkfs.erofs, Go and GNU tar say nothing)',
    archive: concat([tar([{ path: 'a' }]), tar([{ path: 'b' }])]),
    gives: ['file a', BEHIND],
  },
  {
    row: 'rubbish behind the end',
    archive: concat([tar([{ path: 'a' }]), 'rubbish']),
    gives: ['file a', BEHIND],
  },
  {
    row: 'a file cut short (mkfs.erofs pads it)',
    archive: tar([{ path: 'a', body: 'x'.repeat(600) }]).subarray(0, 1024),
    gives: 'E_TRUNCATED',
  },
  {
    row: 'a name over 100 bytes in GNU form, and a link target',
    archive: concat([
      gnuLong('L', 'n'.repeat(300)),
      gnuLong('K', 't'.repeat(300)),
      tar([{ path: 'n', linkPath: 't', dialect: 'gnu' }]),
    ]),
    gives: [`symlink ${'n'.repeat(300)} -> ${'t'.repeat(300)}`],
  },
  {
    row: 'a GNU name and a PAX path for one entry: the GNU name, as in Go (GNU tar takes the PAX path)',
    unlike: ['tar'],
    archive: concat([gnuLong('L', 'gnu'), paxHeader({ path: 'pax' }), oneFile({})]),
    gives: ['file gnu'],
  },
  {
    row: 'content of a PAX size where the header says 0',
    archive: concat([
      tarItem({ path: 'a', body: 'hello', pax: { size: '5' }, header: { size: '00000000000' } }),
      tar([{ path: 'b' }]),
    ]),
    gives: ['file a "hello"', 'file b'],
  },
];
