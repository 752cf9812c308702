/** Bounds on what an archive may ask for. Archives of real file systems stay far below all of them. */

export interface TarLimits {
  /** Entries in one archive. */
  readonly maxEntries: number;
  /** Bytes of an entry's path. */
  readonly maxPathLength: number;
  /** Bytes of the target of a symbolic or hard link. */
  readonly maxLinkLength: number;
  /** Bytes of one GNU long-name or long-link body. */
  readonly maxLongNameBytes: number;
  /** Bytes of one PAX header body. */
  readonly maxPaxBytes: number;
  readonly maxXattrNameLength: number;
  readonly maxXattrValueLength: number;
  /** Extended attributes of one entry. */
  readonly maxXattrs: number;
  /** Length of a file, holes included, and of its stored content. */
  readonly maxFileSize: number;
  /** Rows of one sparse map. */
  readonly maxSparseExtents: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_TAR_LIMITS: TarLimits = {
  // Sixteen times the largest layer seen in the wild; entry numbers then fit in 24 bits.
  maxEntries: 16_777_216,
  // Linux PATH_MAX is 4096 with the closing NUL: no longer path can be opened or linked to.
  maxPathLength: 4095,
  maxLinkLength: 4095,
  // A path has 4 KiB at most, so this only leaves room for writers that pad.
  maxLongNameBytes: MIB,
  // Holds two hundred values of 64 KiB; the kernel's own listing of names stops at 64 KiB.
  maxPaxBytes: 16 * MIB,
  // Linux XATTR_NAME_MAX, and the 8-bit name length of EROFS.
  maxXattrNameLength: 255,
  // Linux XATTR_SIZE_MAX is 65536, the 16-bit value size of EROFS one less.
  maxXattrValueLength: 65_535,
  // A file system that stores attributes in the inode or one block has room for a few dozen.
  maxXattrs: 1024,
  // Above this a JavaScript number no longer counts single bytes.
  maxFileSize: Number.MAX_SAFE_INTEGER,
  // A map of this many rows is 16 MiB in memory, and describes a file cut up every 4 KiB over 4 GiB.
  maxSparseExtents: 1_048_576,
};
