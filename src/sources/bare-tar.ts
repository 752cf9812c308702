/** A tar with nothing around it: one layer without a digest, from a file or from standard input. */

import { stat } from 'node:fs/promises';
import { ErofsWasmError } from '../errors.ts';
import { openPipe, readStream } from './input-stream.ts';
import { fileError, OpenedFile } from './opened-file.ts';
import type { LayerSource } from './source.ts';

/** A layer from a file; a pipe or device can be read only once. Throws `E_NOT_FOUND`, `E_SOURCE`. */
export async function openTarFile(
  path: string,
): Promise<{ layer: LayerSource; close: () => Promise<void> }> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  if (stats.isDirectory())
    throw new ErofsWasmError('E_SOURCE', 'not a file but a folder', {
      place: path,
      hint: 'for an OCI layout use oci:',
    });
  if (!stats.isFile()) {
    const layer = onceLayer(() => openPipe(path), path);
    return { layer, close: async () => undefined };
  }
  const file = await OpenedFile.open(path);
  const { size } = file;
  return {
    layer: { index: 0, size, open: (signal) => file.read(0, size, signal) },
    close: () => file.close(),
  };
}

/** A layer from a stream that cannot be read again. */
export function onceLayer(
  openStream: () => NodeJS.ReadableStream | Promise<NodeJS.ReadableStream>,
  name: string,
): LayerSource {
  let used = false;
  return {
    index: 0,
    once: true,
    open: (signal) => {
      if (used)
        throw new ErofsWasmError('E_SOURCE', 'the input can be read only once', { place: name });
      used = true;
      return readStream(openStream, name, signal);
    },
  };
}
