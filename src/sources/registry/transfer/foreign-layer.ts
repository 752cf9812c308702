/** Layers that are not for distribution, and the URLs where those who made them keep them (image-spec, layer.md). */

import { ErofsWasmError } from '../../../errors.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { RegistryClient } from '../client.ts';
import type { BlobOrigin } from './blob-origin.ts';

/** `application/vnd.oci.image.layer.nondistributable.v1.tar…`, `application/vnd.docker.image.rootfs.foreign.diff.tar…`. */
const FOREIGN_TYPE =
  /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.v1|docker\.image\.rootfs\.foreign\.diff)\.tar/i;

/** The URLs to ask after the registry; none for a layer that any registry may keep. */
export function foreignUrls({ mediaType, urls = [] }: Descriptor): readonly string[] {
  return FOREIGN_TYPE.test(mediaType) ? urls : [];
}

/** The place that a manifest names. Throws `E_POLICY` for one that must not be asked. */
export function foreignOrigin(client: RegistryClient, url: string): BlobOrigin {
  if (!URL.canParse(url))
    throw new ErofsWasmError('E_POLICY', 'a foreign url is refused: it is not a whole URL');
  return client.foreignOrigin(url);
}
