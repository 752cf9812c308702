/** What the tar reader yields: entries as the archive spells them, then their content in pieces. */

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';

/** An extended attribute; both parts are bytes, the name with its prefix (`user.x`). */
export interface Xattr {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** One entry with every extension header applied. Paths are raw bytes, not normalised. */
export interface TarEntry {
  readonly type: EntryType;
  readonly path: Uint8Array;
  /** Target of a symlink or hard link, else empty. */
  readonly linkPath: Uint8Array;
  /** The low 12 bits: permissions, setuid, setgid, sticky. */
  readonly mode: number;
  /** 0 to 2^32-1. */
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970, may be negative. */
  readonly mtime: number;
  /** 0 to 999999999, always added to `mtime`. */
  readonly mtimeNsec: number;
  /** Length of a regular file with its holes; 0 for every other type. */
  readonly size: number;
  /** Device numbers, 0 for other types. */
  readonly major: number;
  readonly minor: number;
  readonly xattrs: readonly Xattr[];
  /** True where the content will come with holes (a sparse file). */
  readonly sparse: boolean;
  /** Byte offset of the entry's own header block in the unpacked tar, for messages. */
  readonly offset: number;
}

/**
 * The stream of a tar: an entry; then, for regular files, `data` and `hole` pieces in order that add up to
 * `entry.size`; then the next entry. `data.bytes` is a view that is valid until the iteration goes on.
 */
export type TarEvent =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'hole'; readonly length: number }
  | { readonly kind: 'warning'; readonly message: string; readonly offset: number };
