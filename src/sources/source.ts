/** What every source of an image looks like to the builder: a few layers, each a stream of stored bytes. */

/** One layer, lowest first in {@link ImageSource.layers}. */
export interface LayerSource {
  /** Place in the image, from 0 for the lowest. */
  readonly index: number;
  /** Digest of the stored (packed) bytes, `sha256:…` or `sha512:…`; absent where the source has none. */
  readonly digest?: string;
  /** Length of the stored bytes where the source declares it. */
  readonly size?: number;
  /** Digest of the unpacked tar as the image config declares it; absent for a bare tar. */
  readonly diffId?: string;
  /**
   * The stored bytes from the start, as they are (never decompressed). May be called again to read once more,
   * unless {@link LayerSource.once} is set. Errors are `ErofsWasmError`s. Digest and size are checked by the caller.
   */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** To be called when the stored bytes of a reading were all there and right; a cache keeps them then. */
  accept?(): Promise<void>;
  /**
   * To be called when the stored bytes of a reading were not those of {@link LayerSource.digest}. True where another
   * reading may give other bytes: the source will then take them from elsewhere, or in another way. Bounded.
   */
  reject?(): Promise<boolean>;
  /** True where the bytes can be read only once (standard input). */
  readonly once?: boolean;
}

/** A resolved image of one platform. */
export interface ImageSource {
  /** What was asked for, normalised, without secrets: for people and the result object. */
  readonly reference: string;
  /**
   * Digest that identifies the content: of the manifest, of the one layer chosen, or of a docker archive's config.
   * Absent for a bare tar, where the digest of the unpacked tar takes its place after reading.
   */
  readonly digest?: string;
  /** `created` of the image config, as RFC 3339 text. */
  readonly created?: string;
  /** `os/arch[/variant]` of the image where it is known. */
  readonly platform?: string;
  readonly layers: readonly LayerSource[];
  /** Frees sockets, file handles and temporary files; safe to call twice. */
  close(): Promise<void>;
}

/** Something a source wants a person to know; the builder passes it on as an event. */
export type SourceNotice = (notice: { readonly code: string; readonly message: string }) => void;

/** An attempt that failed and will be made again. */
export interface RetryNotice {
  readonly host: string;
  /** What failed, without secrets. */
  readonly message: string;
  /** Failures in a row so far, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly waitMs: number;
}

export type OnRetry = (notice: RetryNotice) => void;
