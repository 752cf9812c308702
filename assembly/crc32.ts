/** CRC-32 as in gzip (RFC 1952 section 8). */

import { FOLD_STEP, foldLong, LONG_SIZE, REACH } from './crc-fold';
import { crcRegister, fillCrcTables } from './crc-tables';

/** RFC 1952 section 8: 0x04c11db7, bits reversed. */
const IEEE_802_3: u32 = 0xedb88320;
const TABLES: usize = memory.data(16 * 256 * 4, 64);

fillCrcTables(TABLES, IEEE_802_3);

/** The checksum of what `seed` is the checksum of, followed by `size` bytes at `from`. */
export function crc32(seed: u32, from: usize, size: u32): u32 {
  let register = ~seed;
  if (size >= LONG_SIZE) {
    const long = size - ((size - <u32>REACH) & (FOLD_STEP - 1));
    register = crcRegister(TABLES, 0, foldLong(register, from, long), <u32>REACH);
    from += long;
    size -= long;
  }
  return ~crcRegister(TABLES, register, from, size);
}
