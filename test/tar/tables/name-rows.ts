/** Rows about names as the reader hands them on; what they mean in a tree is the business of the tree. */

import { concat, gnuLong, tar } from '../../support/tar-builder.ts';
import { oneFile, raw } from '../collect.ts';
import type { Row } from './row.ts';

const LONG = 'd/'.repeat(2046);
const LATIN1 = Uint8Array.of(0x64, 0xe9, 0x6a, 0xe0);

export const NAME_ROWS: readonly Row[] = [
  {
    row: 'latin-1 bytes that are no UTF-8, kept byte for byte',
    archive: oneFile({ path: LATIN1 }),
    gives: ['file d\\xe9j\\xe0'],
  },
  {
    row: 'two spellings of one letter, which are two names',
    archive: tar([{ path: '\u00e9' }, { path: 'e\u0301' }]),
    gives: ['file \u00e9', 'file e\u0301'],
  },
  {
    row: 'a backslash, which is a letter',
    archive: oneFile({ path: 'a\\b' }),
    gives: ['file a\\b'],
  },
  {
    row: 'a NUL in a ustar name, which ends it',
    archive: raw({ name: 'ab\0cd' }),
    gives: ['file ab'],
  },
  {
    row: 'a NUL in a GNU long name, which ends it',
    archive: concat([gnuLong('L', 'ab\0cd'), oneFile({})]),
    gives: ['file ab'],
  },
  {
    row: 'a file name of 255 bytes, in PAX',
    archive: oneFile({ path: `d/${'n'.repeat(255)}` }),
    gives: [`file d/${'n'.repeat(255)}`],
  },
  {
    row: 'a path of 4095 bytes',
    archive: oneFile({ path: `${LONG}abc` }),
    gives: [`file ${LONG}abc`],
  },
  {
    row: 'a path of 4096 bytes, which Linux cannot open (readers that only list take it)',
    unlike: ['tar', 'bsdtar', 'python'],
    archive: oneFile({ path: `${LONG}abcd` }),
    gives: 'E_LIMIT',
  },
  {
    row: 'a link target of 4095 bytes',
    archive: oneFile({ linkPath: `${LONG}abc` }),
    gives: [`symlink a -> ${LONG}abc`],
  },
  {
    row: 'a link target of 4096 bytes, which Linux cannot hold (readers that only list take it)',
    unlike: ['tar', 'bsdtar', 'python'],
    archive: oneFile({ linkPath: `${LONG}abcd` }),
    gives: 'E_LIMIT',
  },
  {
    row: 'an empty link target, which Linux cannot hold (readers that only list take it)',
    unlike: ['tar', 'bsdtar', 'python'],
    archive: oneFile({ type: 'symlink' }),
    gives: 'E_TAR',
  },
  ...['../../../x', '/etc/x', '.', '//', 'a b\n'].map(
    (linkPath): Row => ({
      row: `the link target ${JSON.stringify(linkPath)}, kept as it is`,
      archive: oneFile({ linkPath }),
      gives: [`symlink a -> ${linkPath.replace('\n', '\\x0a')}`],
    }),
  ),
  ...['/a', './a', 'b/../a', 'a//b', '../a'].map(
    (path): Row => ({
      row: `the path ${path}, handed on as it is`,
      archive: oneFile({ path }),
      gives: [`file ${path}`],
    }),
  ),
];
