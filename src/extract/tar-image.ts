/** An image, or a part of it, as a tar archive. */

import { locate } from '../image/locate.ts';
import { type OpenImageOptions, openImage } from '../image/open-image.ts';
import { Turns } from '../image/turns.ts';
import type { Extraction } from './result.ts';
import { TarPack } from './tar-pack.ts';

export interface TarOptions extends OpenImageOptions {
  /** What of the image; all of it by default. Links are followed. */
  readonly path?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/**
 * The bytes of a tar in pax form, in chunks that are valid until the next one is asked for; returns what there was.
 * Directories come before what is in them, names in byte order; the topmost is `./`, or a file by its own name. Names
 * with the same inode are hard links, attributes are `SCHILY.xattr` records, and holes stay holes (GNU sparse format
 * 1.0). Sockets are left out, since tar has none. Throws `E_NOT_FOUND`, `E_LINK`, `E_IMAGE`, `E_XATTR`, `E_LIMIT`,
 * `E_ABORTED`, or what opening throws.
 */
export async function* tarImage(
  image: string,
  options: TarOptions = {},
): AsyncGenerator<Uint8Array, Extraction> {
  const opened = openImage(image, options);
  try {
    const turns = new Turns(options.signal);
    const top = locate(opened.reader, options.path ?? '/', { follow: true });
    const pack = new TarPack(opened.reader, turns);
    yield* pack.chunks(top);
    return pack.result();
  } finally {
    opened.close();
  }
}
