/** An OCI image layout in a folder. Blobs are regular files inside it; a link may not lead out. */

import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ErofsWasmError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseDigest } from '../oci/digest.ts';
import { blobPath, type LayoutFiles } from './oci-layout.ts';
import { fileError, OpenedFile } from './opened-file.ts';

/** The files of the layout in `folder`. Throws `E_NOT_FOUND`, `E_SOURCE`. */
export async function openLayoutFolder(folder: string): Promise<LayoutFiles> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw fileError(error, folder);
  });
  const stats = await stat(root);
  if (!stats.isDirectory())
    throw new ErofsWasmError('E_SOURCE', 'not a folder', {
      place: folder,
      hint: 'for a layout in a tar file use oci-archive:',
    });
  const openContent = (descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array> =>
    readBlob(folder, root, descriptor, signal);
  return {
    name: folder,
    has: (name) => exists(join(root, name)),
    openFile: (name, signal) => readInside(root, name, signal),
    openManifest: openContent,
    openBlob: openContent,
  };
}

async function* readBlob(
  folder: string,
  root: string,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  parseDigest(digest, folder);
  yield* readInside(root, blobPath(digest), signal, size, join(root, 'blobs'));
}

async function* readInside(
  root: string,
  name: string,
  signal: AbortSignal,
  size?: number,
  fence = root,
): AsyncGenerator<Uint8Array> {
  const file = await OpenedFile.open(await pathInside(root, name, fence), { follow: false });
  try {
    if (size !== undefined && file.size !== size)
      throw new ErofsWasmError(
        'E_SIZE',
        `the file has ${file.size} bytes, its descriptor says ${size}`,
        { place: file.path },
      );
    yield* file.read(0, file.size, signal);
  } finally {
    await file.close();
  }
}

/** Resolved first and opened without following: a link may stand for a blob, but only inside `fence`. */
async function pathInside(root: string, name: string, fence: string): Promise<string> {
  const path = join(root, name);
  const real = await realpath(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  if (real.startsWith(fence.endsWith(sep) ? fence : fence + sep)) return real;
  throw new ErofsWasmError('E_PATH', 'a symbolic link leads out of the layout', { place: path });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
