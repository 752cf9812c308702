/** An image in a file, open for reading: the reader of `erofs/` on a file, with the kernels that it needs. */

import { ErofsReader } from '../erofs/reader.ts';
import { type OpenImageOptions, openImageFiles } from './image-files.ts';

export type { OpenImageOptions };

/** An open image; to be closed. */
export interface OpenedImage {
  /** The file, as it was given. */
  readonly path: string;
  /** Reads what is in it; its methods throw `E_IMAGE` and `E_COMPRESSION` where the image is damaged. */
  readonly reader: ErofsReader;
  /** Closes the files. The reader can no longer be used; further calls do nothing. */
  close(): void;
}

/**
 * Opens an image of any maker, reads its superblock and compares its checksum where it has one. Reads are positioned
 * and synchronous, and the memory that it all takes does not grow with the image: some MiB, and up to 52 MiB each for
 * the packed inode and for compressed metadata.
 *
 * Throws `E_NOT_FOUND` or `E_SOURCE` where a file cannot be read, `E_IMAGE` where it is no EROFS image, `E_USAGE` for
 * an offset that is none.
 *
 * ```ts
 * const image = openImage('image.erofs');
 * try {
 *   for (const { path, inode } of image.reader.walk()) console.log(path, inode.size);
 *   const release = image.reader.content(image.reader.find('/etc/os-release'), 4096);
 * } finally {
 *   image.close();
 * }
 * ```
 */
export function openImage(path: string, options: OpenImageOptions = {}): OpenedImage {
  const { image, close, ...parts } = openImageFiles(path, options);
  try {
    return { path, reader: new ErofsReader(image, parts), close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}
