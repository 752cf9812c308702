/** One image as the members of an archive: as an OCI layout, as `docker save` has it, or as both. */

import type { TarItem } from '../../support/tar-builder.ts';
import { OCI, type SampleDescriptor, type SampleStore, sha256 } from '../sample-image.ts';

export function blobItem(bytes: Uint8Array): TarItem {
  return { path: blobName(sha256(bytes)), body: bytes };
}

/** `blobs/sha256/…` of a digest. */
export function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** Blobs first and the index at the end, as `docker save` and `ctr images export` write them. */
export function layoutItems(store: SampleStore, entries: readonly object[]): TarItem[] {
  return [
    ...[...store.blobs.values()].map(blobItem),
    { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
    { path: 'index.json', body: JSON.stringify({ schemaVersion: 2, manifests: entries }) },
  ];
}

/** A `manifest.json` whose config and layers are blobs of the layout. */
export function savedItem(
  store: SampleStore,
  { digest }: SampleDescriptor,
  names: readonly string[] = ['app:1'],
): TarItem {
  const { config, layers } = store.json(digest) as {
    config: SampleDescriptor;
    layers: SampleDescriptor[];
  };
  const image = {
    Config: blobName(config.digest),
    RepoTags: names,
    Layers: layers.map((layer) => blobName(layer.digest)),
  };
  return { path: 'manifest.json', body: JSON.stringify([image]) };
}

/** An entry of `index.json` as containerd and Docker annotate it. */
export function exported(entry: SampleDescriptor, name: string, platform?: string): object {
  const [os, architecture] = platform?.split('/') ?? [];
  return {
    ...entry,
    ...(platform === undefined ? {} : { platform: { os, architecture } }),
    annotations: {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
    },
  };
}

/** The same manifest with other fields. */
export function altered(
  store: SampleStore,
  { digest }: SampleDescriptor,
  extra: object,
): SampleDescriptor {
  return store.add({ ...store.json(digest), ...extra }, OCI.manifest);
}
