/** An image in a file, open for reading: the reader of `erofs/` on a file, with the kernels that it needs. */

import { ErofsReader } from '../erofs/reader.ts';
import { createDecompress } from '../kernels/decompressor.ts';
import { loadKernels } from '../kernels/load.ts';
import { FileBytes } from './file-bytes.ts';

export interface OpenImageOptions {
  /** Files with the devices that the image refers to, device 1 first; without them they are expected behind the image. */
  readonly devices?: readonly string[];
}

/** An open image; to be closed. */
export interface OpenedImage {
  readonly path: string;
  readonly reader: ErofsReader;
  close(): void;
}

/**
 * Opens an image, reads its superblock and compares its checksum where it has one. Throws `E_NOT_FOUND` or `E_SOURCE`
 * where a file cannot be read, `E_IMAGE` where it is no EROFS image.
 */
export function openImage(path: string, { devices = [] }: OpenImageOptions = {}): OpenedImage {
  const files: FileBytes[] = [];
  const close = () => {
    for (const file of files.splice(0)) file.close();
  };
  try {
    for (const name of [path, ...devices]) files.push(new FileBytes(name));
    const [image, ...others] = files;
    const kernels = loadKernels('auto');
    const crc32c = (bytes: Uint8Array, seed: number) => kernels.crc32c(bytes, seed);
    const parts = { crc32c, devices: others, decompress: createDecompress(kernels) };
    return { path, reader: new ErofsReader(image!, parts), close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}
