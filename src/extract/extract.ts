/** An image, or a part of it, as files on disk or as a tar. */

import { writeOutput } from '../commit/write-output.ts';
import { ErofsWasmError } from '../errors.ts';
import { locate } from '../image/locate.ts';
import { openImage } from '../image/open-image.ts';
import { Turns } from '../image/turns.ts';
import { isDirectory } from '../posix.ts';
import { FolderExtraction } from './folder.ts';
import { openPlace } from './open-place.ts';
import { isSystemError } from './output-error.ts';
import type { OutputPlace } from './output-place.ts';
import type { Extraction } from './result.ts';
import type { TarOptions } from './tar-image.ts';
import { TarPack } from './tar-pack.ts';
import { extractedTree } from './tree.ts';

export interface ExtractOptions extends TarOptions {
  /** What the topmost name becomes: a folder, or for `path` of a file, a file. */
  readonly output?: string;
  /** In place of `output`: the tar to write. */
  readonly tar?: string;
  /** Replace what is at `output`, with all that is in it. A tar is always replaced. */
  readonly force?: boolean;
}

/** What was extracted. */
export interface ExtractResult extends Extraction {
  /** As given. */
  readonly output: string;
}

/**
 * Extracts an image; the output appears when it is complete. Files are made anew in a private folder beside the output,
 * so that nothing in the image can lead out of it, and nobody else can come between. A folder that is there and empty is
 * filled, and gets owner, mode, attributes and time of the topmost one. Owners and devices need root; what could not be
 * kept is counted in the result. Throws `E_OUTPUT`, `E_USAGE`, or what `tarImage` throws.
 */
export async function extractImage(image: string, options: ExtractOptions): Promise<ExtractResult> {
  const { output, tar } = options;
  if (output !== undefined && tar === undefined) {
    return { output, ...(await extractFiles(image, output, options)) };
  }
  if (tar !== undefined && output === undefined) {
    return { output: tar, ...(await extractTar(image, tar, options)) };
  }
  throw new ErofsWasmError('E_USAGE', 'an image is extracted to one place', {
    hint: 'give either a folder or a tar to write',
  });
}

async function extractFiles(
  image: string,
  output: string,
  options: ExtractOptions,
): Promise<Extraction> {
  const { path = '/', devices = [], force = false, signal } = options;
  const turns = new Turns(signal);
  const opened = openImage(image, options);
  try {
    const { reader } = opened;
    const top = locate(reader, path, { follow: true });
    const isFolder = isDirectory(top.inode.mode);
    const place = openPlace(output, { isFolder, force, inUse: [image, ...devices] });
    const extraction = new FolderExtraction(reader, turns, place);
    try {
      return await extraction.run(extractedTree(reader, top, turns));
    } catch (thrown) {
      discard(place);
      throw thrown;
    } finally {
      place.close();
    }
  } finally {
    opened.close();
  }
}

/** What is told is what failed first. */
function discard(place: OutputPlace): void {
  try {
    place.discard();
  } catch (thrown) {
    if (!isSystemError(thrown) && !(thrown instanceof ErofsWasmError)) throw thrown;
  }
}

async function extractTar(
  image: string,
  output: string,
  options: ExtractOptions,
): Promise<Extraction> {
  const { path = '/', signal } = options;
  const opened = openImage(image, options);
  try {
    const { reader } = opened;
    const top = locate(reader, path, { follow: true });
    const pack = new TarPack(reader, new Turns(signal));
    await writeOutput(pack.chunks(top), output, [image, ...(options.devices ?? [])]);
    return pack.result();
  } finally {
    opened.close();
  }
}
