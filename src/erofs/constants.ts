/** Numbers of the on-disk format. Source: Linux fs/erofs/erofs_fs.h, same names where it has one. */

export const EROFS_SUPER_MAGIC = 0xe0f5e1e2;
/** Byte offset of the superblock; what is before it belongs to boot loaders. */
export const EROFS_SUPER_OFFSET = 1024;

export const FEATURE_COMPAT_SB_CHKSUM = 0x1;
export const FEATURE_COMPAT_MTIME = 0x2;
export const FEATURE_COMPAT_XATTR_FILTER = 0x4;
export const FEATURE_COMPAT_SHARED_EA_IN_METABOX = 0x8;
export const FEATURE_COMPAT_PLAIN_XATTR_PFX = 0x10;
export const FEATURE_COMPAT_ISHARE_XATTRS = 0x20;

/** Three bits have two meanings each, told apart by other fields; both names are those of the kernel. */
export const FEATURE_INCOMPAT_LZ4_0PADDING = 0x1;
export const FEATURE_INCOMPAT_COMPR_CFGS = 0x2;
export const FEATURE_INCOMPAT_BIG_PCLUSTER = 0x2;
export const FEATURE_INCOMPAT_CHUNKED_FILE = 0x4;
export const FEATURE_INCOMPAT_DEVICE_TABLE = 0x8;
export const FEATURE_INCOMPAT_COMPR_HEAD2 = 0x8;
export const FEATURE_INCOMPAT_ZTAILPACKING = 0x10;
export const FEATURE_INCOMPAT_FRAGMENTS = 0x20;
export const FEATURE_INCOMPAT_DEDUPE = 0x20;
export const FEATURE_INCOMPAT_XATTR_PREFIXES = 0x40;
export const FEATURE_INCOMPAT_48BIT = 0x80;
export const FEATURE_INCOMPAT_METABOX = 0x100;

/** Bytes of one of the slots that lengthen the superblock (`EROFS_SB_EXTSLOT_SIZE`). */
export const SUPERBLOCK_SLOT_SIZE = 16;

/** Layouts of an inode's data, bits 1 to 3 of `i_format`; bit 0 is the inode version. */
export const LAYOUT_FLAT_PLAIN = 0;
export const LAYOUT_COMPRESSED_FULL = 1;
export const LAYOUT_FLAT_INLINE = 2;
export const LAYOUT_COMPRESSED_COMPACT = 3;
export const LAYOUT_CHUNK_BASED = 4;

/**
 * Bit of `i_format` with two meanings: a directory leaves out its `.`, and a compact inode of any other type has one
 * link and the high bits of its address where its link count would be.
 */
export const FORMAT_DOT_OMITTED = 0x10;
export const FORMAT_NLINK_1 = 0x10;

/** NIDs count in slots of this many bytes (`EROFS_ISLOTBITS`). */
export const INODE_SLOT_SIZE = 32;

/** The block address that stands for a hole or for no data at all, where addresses have 32 and where they have 48 bits. */
export const NULL_BLOCK = 0xffffffff;
export const NULL_BLOCK_48 = 2 ** 48 - 1;

/** Low bits of a chunk format: log2 of the chunk size over the block size. */
export const CHUNK_BITS_MASK = 0x1f;
/** Flag of a chunk format: 8-byte indexes with a device number in place of 4-byte block numbers. */
export const CHUNK_FORMAT_INDEXES = 0x20;
/** Flag of a chunk format: the indexes have the high 16 bits of block numbers too. */
export const CHUNK_FORMAT_48BIT = 0x40;

/** An xattr's name index for a name without a prefix, which no file system of the kernel shows. */
export const XATTR_NO_PREFIX = 0;
/** Bit of an xattr's name index that refers to the table of long prefixes; the other bits are the place in it. */
export const XATTR_LONG_PREFIX = 0x80;

/** Bloom filter of xattr names: its hash seed, and the value that means "none here". */
export const XATTR_FILTER_SEED = 0x25bbe08f;
export const XATTR_FILTER_EMPTY = 0xffffffff;

/** Bytes of an entry of a chunk map in its 4-byte form (`EROFS_BLOCK_MAP_ENTRY_SIZE`). */
export const BLOCK_MAP_ENTRY_SIZE = 4;

/** Nanoseconds of a time are fewer: they would be a second. */
export const NSEC_LIMIT = 1_000_000_000;

/** A directory entry's length without its name. */
export const DIRENT_SIZE = 12;
export const MIN_BLOCK_SIZE = 512;
export const MAX_BLOCK_SIZE = 65536;
export const DEFAULT_BLOCK_SIZE = 4096;
