/** The checksum at the end of a Zstandard frame. */

import type { Xxh64 } from './kernels.ts';

/** RFC 8878 section 3.1.1: the low four bytes of XXH64 of the content, little-endian. */
export function isChecksum(stored: Uint8Array, hash: Xxh64): boolean {
  const said = new DataView(stored.buffer, stored.byteOffset).getUint32(0, true);
  return said === Number(hash.digest() & 0xffffffffn);
}
