/** Where an image's bytes go. The builder writes forward, and the header last. */

export interface Sink {
  /** Writes the pieces one after another from `offset` on. */
  write(offset: number, pieces: readonly Uint8Array[]): Promise<void>;
  /** Bytes that were written before. */
  read(offset: number, length: number): Uint8Array;
  /** Forgets everything that was written. */
  restart(): Promise<void>;
  /** Cuts what lies beyond `size`, and makes the image appear complete at `place`. */
  finish(size: number, place: string): Promise<void>;
  /** Leaves nothing behind; safe to call at any time, and after {@link Sink.finish} without effect. */
  discard(): Promise<void>;
}
