/** An OCI image layout in a tar file. */

import { ErofsWasmError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseDigest } from '../oci/digest.ts';
import type { Archive } from './archive/archive.ts';
import { blobPath, type LayoutFiles } from './oci-layout.ts';

/** The files of the layout that an archive holds. */
export function layoutInArchive(archive: Archive): LayoutFiles {
  const openContent = (descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array> =>
    readBlob(archive, descriptor, signal);
  return {
    name: archive.path,
    has: async (name) => archive.has(name),
    openFile: (name, signal) => archive.read(archive.find(name), signal),
    openManifest: openContent,
    openBlob: openContent,
    checkBlob: ({ digest }, owner) => {
      parseDigest(digest, archive.path);
      archive.find(blobPath(digest), owner);
    },
  };
}

async function* readBlob(
  archive: Archive,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  parseDigest(digest, archive.path);
  const file = archive.find(blobPath(digest));
  if (file.size !== size)
    throw new ErofsWasmError(
      'E_SIZE',
      `the member has ${file.size} bytes, its descriptor says ${size}`,
      { place: `${file.name} in ${archive.path}` },
    );
  yield* archive.read(file, signal);
}
