/** Each on-disk record, declared once. Source: Linux fs/erofs/erofs_fs.h, the structure named at each. */

import { struct } from './struct.ts';

/** `struct erofs_super_block`, at byte 1024. */
export const SUPERBLOCK = struct({
  magic: 'u32',
  checksum: 'u32',
  featureCompat: 'u32',
  blockSizeBits: 'u8',
  extraSlots: 'u8',
  rootNid: 'u16',
  inodeCount: 'u64',
  epoch: 'i64',
  fixedNsec: 'u32',
  blocks: 'u32',
  metaBlock: 'u32',
  xattrBlock: 'u32',
  uuid: 16,
  volumeName: 16,
  featureIncompat: 'u32',
  compression: 'u16',
  extraDevices: 'u16',
  deviceSlotOffset: 'u16',
  dirBlockBits: 'u8',
  xattrPrefixCount: 'u8',
  xattrPrefixStart: 'u32',
  packedNid: 'nid',
  xattrFilterReserved: 'u8',
  ishareXattrPrefix: 'u8',
  reserved: 2,
  buildTime: 'u32',
  rootNid64: 'nid',
  reserved2: 8,
});

/** What follows it where `sb_extslots` says that it is longer. */
export const SUPERBLOCK_EXTENSION = struct({ metaboxNid: 'nid', reserved: 8 });

/** `struct z_erofs_lz4_cfgs` and its siblings: behind the superblock, a length of 16 bits in front of each. */
export const LZ4_CONFIG = struct({ maxDistance: 'u16', maxPclusterBlocks: 'u16', reserved: 10 });
export const LZMA_CONFIG = struct({ dictionarySize: 'u32', format: 'u16', reserved: 8 });
export const DEFLATE_CONFIG = struct({ windowBits: 'u8', reserved: 5 });
export const ZSTD_CONFIG = struct({ format: 'u8', windowLog: 'u8', reserved: 4 });

/** `struct erofs_deviceslot`: another device with content; `devt_slotoff` counts in slots from byte 0. */
export const DEVICE_SLOT = struct({
  tag: 64,
  blocks: 'u32',
  uniaddr: 'u32',
  blocksHigh: 'u16',
  uniaddrHigh: 'u16',
  reserved: 52,
});

/** `struct erofs_inode_compact`: takes its time from the superblock's epoch. */
export const COMPACT_INODE = struct({
  format: 'u16',
  xattrCount: 'u16',
  mode: 'u16',
  nlink: 'u16',
  size: 'u32',
  mtime: 'u32',
  data: 'u32',
  ino: 'u32',
  uid: 'u16',
  gid: 'u16',
  reserved: 4,
});

/** `struct erofs_inode_extended`; its first three fields, `data` and `ino` lie where the compact one has them. */
export const EXTENDED_INODE = struct({
  format: 'u16',
  xattrCount: 'u16',
  mode: 'u16',
  startBlockHigh: 'u16',
  size: 'u64',
  data: 'u32',
  ino: 'u32',
  uid: 'u32',
  gid: 'u32',
  mtime: 'i64',
  mtimeNsec: 'u32',
  nlink: 'u32',
  reserved: 16,
});

/** `struct erofs_dirent`. */
export const DIRENT = struct({ nid: 'nid', nameOffset: 'u16', fileType: 'u8', reserved: 'u8' });

/** `struct erofs_xattr_ibody_header`, in front of an inode's attributes. */
export const XATTR_HEADER = struct({ nameFilter: 'u32', sharedCount: 'u8', reserved: 7 });

/** `struct erofs_xattr_entry`, followed by the name's suffix and the value, padded to 4 bytes. */
export const XATTR_ENTRY = struct({ nameLength: 'u8', nameIndex: 'u8', valueSize: 'u16' });

/** `struct erofs_inode_chunk_index`: where a chunk is, with the device that holds it. */
export const CHUNK_INDEX = struct({ startBlockHigh: 'u16', deviceId: 'u16', startBlock: 'u32' });

/** `struct z_erofs_map_header`, in front of the map of a compressed file; `fragmentOffset` has other uses as well. */
export const MAP_HEADER = struct({
  fragmentOffset: 'u32',
  advise: 'u16',
  algorithms: 'u8',
  clusterBits: 'u8',
});

/** `struct z_erofs_lcluster_index` of a head; any other one has two distances of 16 bits for `block`. */
export const LCLUSTER_INDEX = struct({ advise: 'u16', clusterOffset: 'u16', block: 'u32' });

/** `struct z_erofs_extent`, of which a map stores the first 4, 8, 16 or all bytes. */
export const ENCODED_EXTENT = struct({
  length: 'u32',
  start: 'u32',
  startHigh: 'u32',
  position: 'u32',
  positionHigh: 'u32',
  reserved: 12,
});
