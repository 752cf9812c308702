/** A Zstandard frame of blocks that repeat one byte (RFC 8878 section 3.1.1.2): four bytes for each 128 KiB. */

import { concat, tarHeader } from '../support/tar-builder.ts';

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
/** No sizes, no checksum; a window of 128 KiB. */
const DESCRIPTOR = Uint8Array.of(0, 7 << 3);
const BLOCK_BYTES = 128 * 1024;
const RAW = 0;
const REPEATED = 1;
/** Enough blocks to unpack to 4 GiB; the frame is not ended, since nobody gets so far. */
const BLOCKS = 32 * 1024;

/** A tar with a file of `size` zeros. */
export function zstdBomb(size: number): Uint8Array {
  const field = new Uint8Array(12);
  new DataView(field.buffer).setBigUint64(4, BigInt(size));
  field[0] = 0x80;
  const header = tarHeader({ path: 'zeros', header: { size: field } });
  const repeated = concat([blockHeader(REPEATED, BLOCK_BYTES), new Uint8Array(1)]);
  const blocks = Array.from({ length: BLOCKS }, () => repeated);
  return concat([MAGIC, DESCRIPTOR, blockHeader(RAW, header.length), header, ...blocks]);
}

function blockHeader(type: number, size: number): Uint8Array {
  const value = (size << 3) | (type << 1);
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, value >> 16);
}
