/** The content of a file in an image. */

import { fromLatin1, printable } from '../bytes.ts';
import type { TreeNode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { locate } from '../image/locate.ts';
import { type OpenImageOptions, openImage } from '../image/open-image.ts';
import { Turns } from '../image/turns.ts';
import { isRegular, typeOfMode } from '../posix.ts';

export interface ReadFileOptions extends OpenImageOptions {
  readonly signal?: AbortSignal;
}

/** Holes are handed out in stretches of this. */
const ZEROS = new Uint8Array(64 * 1024);

/**
 * The content of a regular file in order, in pieces of at most 1 MiB that are read only and valid until the next one is
 * asked for. Links are followed inside the image. Throws `E_NOT_FOUND`, `E_LINK`, `E_USAGE` where there is no regular
 * file, `E_IMAGE`, `E_ABORTED`, or what opening throws.
 */
export async function* readImageFile(
  image: string,
  path: string | Uint8Array,
  options: ReadFileOptions = {},
): AsyncGenerator<Uint8Array> {
  const turns = new Turns(options.signal);
  const opened = openImage(image, options);
  try {
    const { reader } = opened;
    const node = locate(reader, path, { follow: true });
    const { inode } = node;
    if (!isRegular(inode.mode)) throw noFile(node);
    for (const piece of reader.pieces(inode)) {
      const pieces = piece.kind === 'data' ? [piece.bytes] : zeros(piece.length);
      for (const bytes of pieces) {
        if (turns.areDue) await turns.give();
        yield bytes;
      }
    }
  } finally {
    opened.close();
  }
}

function* zeros(length: number): Generator<Uint8Array> {
  for (let done = 0; done < length; done += ZEROS.length) {
    yield ZEROS.subarray(0, Math.min(ZEROS.length, length - done));
  }
}

function noFile({ path, inode }: TreeNode): ErofsWasmError {
  const summary = `there is no content to read in a ${typeOfMode(inode.mode)}`;
  return new ErofsWasmError('E_USAGE', summary, {
    place: printable(fromLatin1(path)),
    hint: 'give the path of a regular file in the image',
  });
}
