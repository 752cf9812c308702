/** Where an image's bytes go. The builder writes forward, and the header last. */

export interface Sink {
  /** Of the file with the bytes, for threads that read it. */
  readonly descriptor: number;
  /** The file that has the bytes until the image appears. */
  readonly path: string;
  /** Writes the pieces one after another from `offset` on. */
  write(offset: number, pieces: readonly Uint8Array[]): Promise<void>;
  /** Bytes that were written before. */
  read(offset: number, length: number): Uint8Array;
  /** Forgets everything that was written. */
  restart(): Promise<void>;
  /** Cuts what lies beyond `size`, and waits until all of it is on the disk. */
  sync(size: number): Promise<void>;
  /** Makes the image appear complete at `place`; after {@link sync}. */
  publish(place: string): Promise<void>;
  /** Leaves nothing behind; safe to call at any time, and after {@link Sink.publish} without effect. */
  discard(): Promise<void>;
}
