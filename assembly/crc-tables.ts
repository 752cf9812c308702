/**
 * Table-driven CRCs with the lowest bit first, sixteen bytes a step ("slicing-by-16"; Kounavis and Berry 2005 for the
 * eight-byte form).
 */

/** Bytes of one set of tables: sixteen tables of 256 words. */
export const CRC_TABLES_SIZE: u32 = 16 * 256 * 4;

/** Table t holds the register after a byte and t zero bytes. */
export function fillCrcTables(tables: usize, polynomial: u32): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let register = byte;
    for (let bit = 0; bit < 8; bit++) register = (register >> 1) ^ (-(register & 1) & polynomial);
    store<u32>(tables + (byte << 2), register);
  }
  for (let index: u32 = 256; index < 16 * 256; index++) {
    const before = load<u32>(tables + ((index - 256) << 2));
    const entry = (before >> 8) ^ load<u32>(tables + ((before & 255) << 2));
    store<u32>(tables + (index << 2), entry);
  }
}

/** The four bytes of `word`, of which the last has `behind` bytes of its group behind it. */
function lookUp(tables: usize, word: u32, behind: u32): u32 {
  const base = tables + (behind << 10);
  return (
    load<u32>(base + ((word & 255) << 2), 3072) ^
    load<u32>(base + (((word >> 8) & 255) << 2), 2048) ^
    load<u32>(base + (((word >> 16) & 255) << 2), 1024) ^
    load<u32>(base + ((word >> 24) << 2))
  );
}

/** The register after `size` bytes at `from`, with no inversion before or after. */
export function crcRegister(tables: usize, register: u32, from: usize, size: u32): u32 {
  const end = from + size;
  const lastGroup = from + (size & ~15);
  while (from < lastGroup) {
    // What depends on the register comes last, so that the other twelve look-ups need not wait for it.
    const rest =
      lookUp(tables, load<u32>(from, 12), 0) ^
      lookUp(tables, load<u32>(from, 8), 4) ^
      lookUp(tables, load<u32>(from, 4), 8);
    register = rest ^ lookUp(tables, load<u32>(from) ^ register, 12);
    from += 16;
  }
  while (from < end) {
    const index = (register ^ <u32>load<u8>(from++)) & 255;
    register = (register >> 8) ^ load<u32>(tables + (index << 2));
  }
  return register;
}
