/** CRC-32C (Castagnoli), as in the superblock checksum of EROFS: the bare register, no inversion. */

import { crcRegister, fillCrcTables } from './crc-tables';

/** RFC 3720 section 12.1: 0x1edc6f41, bits reversed. */
const CASTAGNOLI: u32 = 0x82f63b78;
const TABLES: usize = memory.data(16 * 256 * 4, 64);

fillCrcTables(TABLES, CASTAGNOLI);

export function crc32c(register: u32, from: usize, size: u32): u32 {
  return crcRegister(TABLES, register, from, size);
}
