/** Container images written by hand: an OCI layout from tars, each packed as asked, and wrong where asked. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TarItem, tar } from './tar-builder.ts';

/** One layer: its entries, or the bytes of its tar. */
export interface LayerText {
  readonly items: readonly TarItem[] | Uint8Array;
  readonly packing?: 'gzip' | 'none';
  /** What to write in place of the truth. */
  readonly lie?: {
    readonly digest?: string;
    readonly size?: number;
    readonly diffId?: string;
    readonly mediaType?: string;
    readonly blob?: (packed: Uint8Array) => Uint8Array;
  };
}

interface Written {
  readonly descriptor: { mediaType: string; digest: string; size: number };
  readonly diffId: string;
}

/** `sha256:…` of some bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Writes an image of these layers, lowest first, with one manifest for linux/amd64; returns its digest. */
export async function writeLayout(
  folder: string,
  layers: readonly LayerText[],
  { created = '2024-05-06T07:08:09Z' }: { created?: string } = {},
): Promise<string> {
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  const written: Written[] = [];
  for (const layer of layers) written.push(await writeLayer(folder, layer));
  const config = await writeJson(folder, {
    created,
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: written.map(({ diffId }) => diffId) },
  });
  const manifest = await writeJson(folder, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { ...config, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: written.map(({ descriptor }) => descriptor),
  });
  const entry = {
    ...manifest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    platform: { os: 'linux', architecture: 'amd64' },
    annotations: { 'org.opencontainers.image.ref.name': 'latest' },
  };
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [entry] }),
  );
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return manifest.digest;
}

async function writeLayer(folder: string, { items, packing, lie }: LayerText): Promise<Written> {
  const plain = items instanceof Uint8Array ? items : tar(items);
  const packed = packing === 'none' ? plain : gzipSync(plain);
  const digest = lie?.digest ?? digestOf(packed);
  await writeBlob(folder, lie?.blob?.(packed) ?? packed, digest);
  const truth = `application/vnd.oci.image.layer.v1.tar${packing === 'none' ? '' : '+gzip'}`;
  const size = lie?.size ?? packed.length;
  const mediaType = lie?.mediaType ?? truth;
  return { descriptor: { mediaType, digest, size }, diffId: lie?.diffId ?? digestOf(plain) };
}

async function writeJson(folder: string, value: object): Promise<{ digest: string; size: number }> {
  const bytes = Buffer.from(JSON.stringify(value));
  await writeBlob(folder, bytes, digestOf(bytes));
  return { digest: digestOf(bytes), size: bytes.length };
}

async function writeBlob(folder: string, bytes: Uint8Array, digest: string): Promise<void> {
  await writeFile(join(folder, 'blobs', ...digest.split(':')), bytes);
}
