/** Images in archives, made in memory: OCI layouts in a tar, and what `docker save` writes. */

import { gzipSync } from 'node:zlib';
import { digestOf } from '../../test/support/oci-layout.ts';
import { type TarItem, tar } from '../../test/support/tar-builder.ts';
import type { Json } from './mutate-json.ts';

const LOWER: readonly TarItem[] = [
  { path: 'd/' },
  { path: 'd/a', body: 'a' },
  { path: 'd/b', body: 'b' },
];
const UPPER: readonly TarItem[] = [{ path: 'd/.wh.a' }, { path: 'd/c', body: 'c' }];
const OCI = 'application/vnd.oci.image';

export interface ImageArchive {
  readonly transport: 'oci-archive' | 'docker-archive';
  readonly bytes: Uint8Array;
}

/** One of each kind. */
export function imageArchives(write?: WriteDocument): readonly ImageArchive[] {
  const layers = [tar(LOWER), tar(UPPER)];
  return [
    { transport: 'oci-archive', bytes: layoutArchive(layers, gzipSync, write) },
    { transport: 'docker-archive', bytes: dockerArchive(layers, write) },
  ];
}

/** Turns a document into its text. */
export type WriteDocument = (value: Json) => string;

interface Blob {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** An OCI layout of these unpacked layers, lowest first, each packed by `pack`. */
export function layoutArchive(
  layers: readonly Uint8Array[],
  pack: (layer: Uint8Array) => Uint8Array = (layer) => layer,
  write: WriteDocument = JSON.stringify,
): Uint8Array {
  const contents = layers.map((layer) => blobOf(pack(layer)));
  const jsonBlob = (value: Json): Blob => blobOf(Buffer.from(write(value)));
  const config = jsonBlob(configOf(layers));
  const manifest = jsonBlob({
    schemaVersion: 2,
    config: { mediaType: `${OCI}.config.v1+json`, ...descriptorOf(config) },
    layers: contents.map((blob) => ({ mediaType: `${OCI}.layer.v1.tar`, ...descriptorOf(blob) })),
  });
  const entry = { mediaType: `${OCI}.manifest.v1+json`, ...descriptorOf(manifest) };
  const index = { schemaVersion: 2, manifests: [entry] };
  const blobs = [
    ...new Map([...contents, config, manifest].map((blob) => [blob.digest, blob])).values(),
  ];
  return tar([
    ...blobs.map(({ digest, bytes }) => ({
      path: `blobs/${digest.replace(':', '/')}`,
      body: bytes,
    })),
    { path: 'index.json', body: write(index) },
    { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
  ]);
}

function blobOf(bytes: Uint8Array): Blob {
  return { digest: digestOf(bytes), bytes };
}

function descriptorOf({ digest, bytes }: Blob): { digest: string; size: number } {
  return { digest, size: bytes.length };
}

function configOf(layers: readonly Uint8Array[]): Json {
  const rootfs = { type: 'layers', diff_ids: layers.map(digestOf) };
  return { architecture: 'amd64', os: 'linux', rootfs };
}

/** What `docker save` writes, with the second layer behind a link. */
export function dockerArchive(
  layers: readonly Uint8Array[],
  write: WriteDocument = JSON.stringify,
): Uint8Array {
  const paths = ['1/layer.tar', '2/layer.tar'];
  const manifest = [{ Config: 'config.json', RepoTags: ['a:b'], Layers: paths }];
  return tar([
    { path: '1/layer.tar', body: layers[0]! },
    { path: '2/layer.tar', linkPath: '../x/layer.tar' },
    { path: 'x/layer.tar', body: layers[1]! },
    { path: 'config.json', body: write(configOf(layers)) },
    { path: 'manifest.json', body: write(manifest) },
  ]);
}
