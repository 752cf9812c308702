/** The table of long prefixes of attribute names. Source: Linux fs/erofs/xattr.c (`erofs_xattr_prefixes_init`). */

import { roundUp } from '../bytes.ts';
import { NAME_MAX } from '../posix.ts';
import { FEATURE_COMPAT_PLAIN_XATTR_PFX } from './constants.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Area, Volume } from './volume.ts';

/** What stands for a long prefix: a short one, and what follows it. */
export interface XattrPrefix {
  /** `EROFS_XATTR_INDEX_*` */
  readonly index: number;
  readonly infix: Uint8Array;
}

/** Each entry is at a multiple of this, behind its length. */
const ENTRY_ALIGN = 4;
const LENGTH_SIZE = 2;

/** All long prefixes, in the order of their numbers. Throws `E_IMAGE`. */
export function readXattrPrefixes(volume: Volume): readonly XattrPrefix[] {
  const { xattrPrefixCount, xattrPrefixOffset } = volume.superblock;
  const prefixes: XattrPrefix[] = [];
  if (xattrPrefixCount === 0) return prefixes;
  const { bytes, size } = areaOf(volume);
  let at = xattrPrefixOffset;
  for (let number = 0; number < xattrPrefixCount; number++) {
    at = roundUp(at, ENTRY_ALIGN);
    const place = `prefix ${number} of attribute names`;
    if (at + LENGTH_SIZE > size) throw imageError('a prefix lies outside the image', place);
    const length = viewOf(readExactly(bytes, at, LENGTH_SIZE, place)).getUint16(0, true);
    at += LENGTH_SIZE;
    if (length === 0 || length > 1 + NAME_MAX || at + length > size) {
      throw imageError(`a prefix has a length of ${length}`, place);
    }
    const [index, ...infix] = readExactly(bytes, at, length, place);
    at += length;
    prefixes.push({ index: index!, infix: Uint8Array.from(infix) });
  }
  return prefixes;
}

/** Where the table is, if no feature says that it is in the image itself. */
function areaOf(volume: Volume): Area {
  const { featureCompat, metaboxNid, packedNid } = volume.superblock;
  if ((featureCompat & FEATURE_COMPAT_PLAIN_XATTR_PFX) !== 0) return volume.area(false);
  if (metaboxNid !== undefined) return volume.area(true);
  return packedNid === undefined ? volume.area(false) : volume.packed();
}
