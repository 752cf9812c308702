/** Images that another checker refuses and Linux takes as they are, so that `check` has nothing to say. */

import {
  CHUNK_BITS_MASK,
  CHUNK_FORMAT_48BIT,
  CHUNK_FORMAT_INDEXES,
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_FRAGMENTS,
} from '../../src/erofs/constants.ts';
import { SUPERBLOCK } from '../../src/erofs/records.ts';
import { METABOX_NID } from '../../src/erofs/struct.ts';
import type { Verdict } from './oracles.ts';

/** All that a format of chunks can say. erofs-utils 1.5 does not know the last of it. */
const CHUNK_FORMAT = CHUNK_BITS_MASK | CHUNK_FORMAT_INDEXES | CHUNK_FORMAT_48BIT;

/** Why it is none of the faults that `check` has to find; undefined where it is one. */
export function exceptionOf(bytes: Uint8Array, { words }: Verdict): string | undefined {
  if (words.includes('failed to read superblock') && hasUnusedPackedNumber(bytes)) {
    return 'a packed inode in the metabox, in an image without fragments';
  }
  const [, format] = /unsupported chunk format ([0-9a-f]+)/.exec(words) ?? [];
  const hasNewFlag = format !== undefined && (Number.parseInt(format, 16) & ~CHUNK_FORMAT) === 0;
  return hasNewFlag ? 'a form of chunk indexes that is newer' : undefined;
}

/** Linux looks at the number where fragments are declared only (fs/erofs/super.c, `erofs_fc_fill_super`). */
function hasUnusedPackedNumber(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { featureIncompat, packedNid } = SUPERBLOCK.read(view, EROFS_SUPER_OFFSET);
  return (featureIncompat & FEATURE_INCOMPAT_FRAGMENTS) === 0 && packedNid >= METABOX_NID;
}
