/** CRCs by one table of 256 words: the plain form, to compare against. */

/** RFC 1952 section 8 and RFC 3720 section 12.1: the polynomials with their bits reversed. */
const IEEE_802_3 = 0xedb88320;
const CASTAGNOLI = 0x82f63b78;

function crcTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let register = byte;
    for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (-(register & 1) & polynomial);
    return register >>> 0;
  });
}

const IEEE_802_3_TABLE = crcTable(IEEE_802_3);
const CASTAGNOLI_TABLE = crcTable(CASTAGNOLI);

function crcRegister(table: Uint32Array, bytes: Uint8Array, start: number): number {
  let register = start;
  for (let at = 0; at < bytes.length; at++) {
    register = (register >>> 8) ^ table[(register ^ bytes[at]!) & 255]!;
  }
  return register >>> 0;
}

/** As {@link Kernels.crc32}. */
export function crc32Reference(bytes: Uint8Array, seed = 0): number {
  return ~crcRegister(IEEE_802_3_TABLE, bytes, ~seed) >>> 0;
}

/** As {@link Kernels.crc32c}. */
export function crc32cReference(bytes: Uint8Array, register: number): number {
  return crcRegister(CASTAGNOLI_TABLE, bytes, register);
}
