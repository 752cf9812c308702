/**
 * Directory blocks (Linux fs/erofs/erofs_fs.h, struct erofs_dirent): entries of 12 bytes, then the names without
 * terminators, then zeros. Many blocks a call, since a call costs as much as some fifty entries.
 */

import { BLOCKS, SCRATCH } from './buffers';

const DIRENT_SIZE: u32 = 12;
/** Doubles above are no exact integers. */
const NID_LIMIT: f64 = 9007199254740992;

/** Columns in SCRATCH, in this order: NIDs, counts, name lengths, file types, names. */
let nids: usize = 0;
let counts: usize = 0;
let lengths: usize = 0;
let types: usize = 0;
let names: usize = 0;
let namesEnd: usize = 0;

/** Packs the next `entries` entries into the block at `to`; false where they do not fit or a NID is none. */
function packBlock(to: usize, blockSize: u32, entries: u32): bool {
  const namesAt = entries * DIRENT_SIZE;
  let nameAt = namesAt;
  for (let entry: u32 = 0; entry < entries; entry++) {
    const nid = load<f64>(nids + (entry << 3));
    if (!(nid >= 0 && nid < NID_LIMIT)) return false;
    const dirent = to + entry * DIRENT_SIZE;
    store<u64>(dirent, <u64>nid);
    store<u32>(dirent, nameAt | ((<u32>load<u8>(types + entry)) << 16), 8);
    nameAt += <u32>load<u8>(lengths + entry);
    if (nameAt > blockSize) return false;
  }
  const nameBytes = nameAt - namesAt;
  if (names + nameBytes > namesEnd) return false;
  memory.copy(to + namesAt, names, nameBytes);
  memory.fill(to + nameAt, 0, blockSize - nameAt);
  nids += entries << 3;
  lengths += entries;
  types += entries;
  names += nameBytes;
  return true;
}

/**
 * Packs `blocks` blocks of `blockSize` bytes into BLOCKS, from columns of `entries` entries in all and at most
 * `nameBytes` bytes of names. Returns the bytes of names used, or -1 where a block is too small.
 */
export function packDirents(blocks: u32, blockSize: u32, entries: u32, nameBytes: u32): i32 {
  nids = SCRATCH;
  counts = nids + entries * 8;
  lengths = counts + blocks * 2;
  types = lengths + entries;
  names = types + entries;
  namesEnd = names + nameBytes;
  const firstName = names;
  for (let block: u32 = 0; block < blocks; block++) {
    const count = <u32>load<u16>(counts + (block << 1));
    if (count * DIRENT_SIZE > blockSize) return -1;
    if (!packBlock(BLOCKS + block * blockSize, blockSize, count)) return -1;
  }
  return <i32>(names - firstName);
}
