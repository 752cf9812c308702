/** What the reader asks of whoever undoes compression; the kernels implement it. */

/** In the order of `Z_EROFS_COMPRESSION_*` of the format. */
export const COMPRESSION_ALGORITHMS = ['lz4', 'lzma', 'deflate', 'zstd'] as const;
export type CompressionAlgorithm = (typeof COMPRESSION_ALGORITHMS)[number];

export interface DecompressRequest {
  readonly algorithm: CompressionAlgorithm;
  /** The stream, without the zeros that pad its front; what lies behind its end is ignored. */
  readonly source: Uint8Array;
  /** Filled from its start to its end. */
  readonly target: Uint8Array;
  /** Whether the stream may hold more than `target` takes; otherwise it must end where `target` does. */
  readonly partial: boolean;
  /** Bound on the dictionary or window that the stream may ask for, in bytes, from the superblock's configuration. */
  readonly dictionaryBytes?: number;
}

/** Fills `target`. Throws `E_COMPRESSION` where the stream is invalid or too short; never reads or writes elsewhere. */
export type Decompress = (request: DecompressRequest) => void;
