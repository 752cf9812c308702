/** Images in archives: OCI layouts in a tar, and what `docker save` writes. */

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { digestOf, writeLayout } from '../../test/support/oci-layout.ts';
import { type TarItem, tar } from '../../test/support/tar-builder.ts';

export interface ImageArchive {
  readonly kind: 'oci-archive' | 'docker-archive';
  readonly bytes: Uint8Array;
}

const LOWER: readonly TarItem[] = [
  { path: 'd/' },
  { path: 'd/a', body: 'a' },
  { path: 'd/b', body: 'b' },
];
const UPPER: readonly TarItem[] = [{ path: 'd/.wh.a' }, { path: 'd/c', body: 'c' }];

/** Made in `folder`, which is removed. */
export async function archiveCorpus(folder: string): Promise<ImageArchive[]> {
  mkdirSync(folder, { recursive: true });
  const layers = [
    { items: LOWER, packing: 'gzip' },
    { items: UPPER, packing: 'none' },
  ] as const;
  await writeLayout(folder, layers);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const items = paths
    .sort()
    .map((path) => ({ path: relative(folder, path), body: new Uint8Array(readFileSync(path)) }));
  rmSync(folder, { recursive: true });
  return [
    { kind: 'oci-archive', bytes: tar(items) },
    { kind: 'docker-archive', bytes: dockerArchive() },
  ];
}

function dockerArchive(): Uint8Array {
  const layers = [tar(LOWER), tar(UPPER)];
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
  });
  const manifest = [
    { Config: 'config.json', RepoTags: ['a:b'], Layers: ['1/layer.tar', '2/layer.tar'] },
  ];
  return tar([
    { path: '1/layer.tar', body: layers[0]! },
    { path: '2/layer.tar', linkPath: '../x/layer.tar' },
    { path: 'x/layer.tar', body: layers[1]! },
    { path: 'config.json', body: config },
    { path: 'manifest.json', body: JSON.stringify(manifest) },
  ]);
}
