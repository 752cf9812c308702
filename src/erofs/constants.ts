/** Numbers of the on-disk format. Source: Linux fs/erofs/erofs_fs.h, same names where it has one. */

export const EROFS_SUPER_MAGIC = 0xe0f5e1e2;
/** Byte offset of the superblock; what is before it belongs to boot loaders. */
export const EROFS_SUPER_OFFSET = 1024;

export const FEATURE_COMPAT_SB_CHKSUM = 0x1;
export const FEATURE_COMPAT_MTIME = 0x2;
export const FEATURE_COMPAT_XATTR_FILTER = 0x4;

export const FEATURE_INCOMPAT_CHUNKED_FILE = 0x4;
export const FEATURE_INCOMPAT_DEVICE_TABLE = 0x8;

/** Layouts of an inode's data, bits 1 to 3 of `i_format`; bit 0 is the inode version. */
export const LAYOUT_FLAT_PLAIN = 0;
export const LAYOUT_FLAT_INLINE = 2;
export const LAYOUT_CHUNK_BASED = 4;

/** NIDs count in slots of this many bytes (`EROFS_ISLOTBITS`). */
export const INODE_SLOT_SIZE = 32;

/** The block address that stands for a hole or for no data at all. */
export const NULL_BLOCK = 0xffffffff;

/** Low bits of a chunk format: log2 of the chunk size over the block size. */
export const CHUNK_BITS_MASK = 0x1f;
/** Flag of a chunk format: 8-byte indexes with a device number in place of 4-byte block numbers. */
export const CHUNK_FORMAT_INDEXES = 0x20;

/** Bloom filter of xattr names: its hash seed, and the value that means "none here". */
export const XATTR_FILTER_SEED = 0x25bbe08f;
export const XATTR_FILTER_EMPTY = 0xffffffff;

/** Bytes of an entry of a chunk map in its 4-byte form (`EROFS_BLOCK_MAP_ENTRY_SIZE`). */
export const BLOCK_MAP_ENTRY_SIZE = 4;

/** A directory entry's length without its name. */
export const DIRENT_SIZE = 12;
export const MIN_BLOCK_SIZE = 512;
export const MAX_BLOCK_SIZE = 65536;
export const DEFAULT_BLOCK_SIZE = 4096;
