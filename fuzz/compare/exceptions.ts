/** Images that another checker refuses and Linux takes as they are, so that `check` has nothing to say. */

import { EROFS_SUPER_OFFSET, FEATURE_INCOMPAT_FRAGMENTS } from '../../src/erofs/constants.ts';
import { SUPERBLOCK } from '../../src/erofs/records.ts';
import { METABOX_NID } from '../../src/erofs/struct.ts';
import type { Verdict } from './oracles.ts';

/** Why it is none of the faults that `check` has to find; undefined where it is one. */
export function exceptionOf(bytes: Uint8Array, { words }: Verdict): string | undefined {
  if (words.includes('failed to read superblock') && hasUnusedPackedNumber(bytes)) {
    return 'a packed inode in the metabox, in an image without fragments';
  }
  // What erofs-utils 1.5 does not know yet: the flag of chunks with addresses of 48 bits.
  if (words.includes('unsupported chunk format')) return 'a format of chunks that is newer';
  return undefined;
}

/** Linux looks at the number where fragments are declared only (fs/erofs/super.c, `erofs_fc_fill_super`). */
function hasUnusedPackedNumber(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { featureIncompat, packedNid } = SUPERBLOCK.read(view, EROFS_SUPER_OFFSET);
  return (featureIncompat & FEATURE_INCOMPAT_FRAGMENTS) === 0 && packedNid >= METABOX_NID;
}
