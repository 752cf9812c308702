/** The files of an image, open for whatever reads it, with the kernels that this needs. */

import type { Crc32c, Decompress } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { createDecompress } from '../kernels/decompressor.ts';
import { loadKernels } from '../kernels/load.ts';
import { FileBytes } from './file-bytes.ts';

export interface OpenImageOptions {
  /** Files with the devices that the image refers to, device 1 first; without them they are expected behind the image. */
  readonly devices?: readonly string[];
  /** Bytes of the file in front of the image: 0, or what `mkfs.erofs --offset` was given. */
  readonly offset?: number;
}

/** To be closed. */
export interface ImageFiles {
  readonly image: FileBytes;
  readonly devices: readonly FileBytes[];
  readonly crc32c: Crc32c;
  readonly decompress: Decompress;
  /** Further calls do nothing. */
  close(): void;
}

/**
 * Opens the file of an image and those of its devices. Throws `E_NOT_FOUND` or `E_SOURCE` where one cannot be opened,
 * `E_USAGE` for an offset that is none.
 */
export function openImageFiles(path: string, options: OpenImageOptions): ImageFiles {
  const { devices = [], offset = 0 } = options;
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new ErofsWasmError('E_USAGE', `an image cannot begin at byte ${offset}`, {
      hint: 'give the number of bytes in front of it',
    });
  }
  const files: FileBytes[] = [];
  const close = () => {
    for (const file of files.splice(0)) file.close();
  };
  try {
    const image = new FileBytes(path, offset);
    files.push(image);
    for (const name of devices) files.push(new FileBytes(name));
    const kernels = loadKernels('auto');
    const crc32c = (bytes: Uint8Array, seed: number) => kernels.crc32c(bytes, seed);
    return { image, devices: files.slice(1), crc32c, decompress: createDecompress(kernels), close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}
