/** An archive as a file that can be read at any place, whatever it comes as. */

import { stat } from 'node:fs/promises';
import { ErofsWasmError } from '../../errors.ts';
import { openPipe, readStream } from '../input-stream.ts';
import { fileError, OpenedFile } from '../opened-file.ts';
import type { SourceContext } from '../options.ts';
import { isPacked, KIND_SIZE } from './file-kind.ts';
import { spool } from './spool.ts';

/** The archive in a file, or a temporary copy of it. Throws `E_NOT_FOUND`, `E_SOURCE` and those of {@link spool}. */
export async function openArchiveFile(path: string, context: SourceContext): Promise<OpenedFile> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  if (stats.isDirectory())
    throw new ErofsWasmError('E_SOURCE', 'not a file but a folder', {
      place: path,
      hint: 'for an OCI layout use oci:',
    });
  if (!stats.isFile()) return spoolStream(path, () => openPipe(path), context);
  const file = await OpenedFile.open(path);
  let isCopied = false;
  try {
    isCopied = isPacked(await file.readAt(0, KIND_SIZE), path);
    return isCopied ? await spool(path, file.read(0, file.size, context.signal), context) : file;
  } catch (error) {
    isCopied = true;
    throw error;
  } finally {
    if (isCopied) await file.close();
  }
}

/** A temporary copy of the archive in a stream. Throws the errors of {@link spool} and `E_SOURCE`. */
export function spoolStream(
  name: string,
  open: () => NodeJS.ReadableStream | Promise<NodeJS.ReadableStream>,
  context: SourceContext,
): Promise<OpenedFile> {
  return spool(name, readStream(open, name, context.signal), context);
}
