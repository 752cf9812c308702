/** Small images written by hand, blob by blob, so that a test can bend any part of them. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tar } from '../support/tar-builder.ts';

export interface SampleDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

export const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A packed layer with one file. */
export function sampleLayer(name: string, body: string): { packed: Buffer; diffId: string } {
  const plain = tar([{ path: name, body }]);
  return { packed: gzipSync(plain), diffId: sha256(plain) };
}

/** A growing set of blobs. */
export class SampleStore {
  readonly blobs = new Map<string, Buffer>();

  add(content: Uint8Array | object, mediaType: string): SampleDescriptor {
    const bytes = content instanceof Uint8Array ? content : JSON.stringify(content);
    const blob = Buffer.from(bytes as Uint8Array);
    const digest = sha256(blob);
    this.blobs.set(digest, blob);
    return { mediaType, digest, size: blob.length };
  }

  /** An image of `os/arch[/variant]` with one file a layer; `extra` is merged into the manifest. */
  addImage(
    platform: string,
    layerNames: readonly string[] = ['lower', 'upper'],
    extra: object = {},
  ): SampleDescriptor {
    const layers = layerNames.map((name) => sampleLayer(name, `${name} for ${platform}\n`));
    const [os, architecture, variant] = platform.split('/');
    const config = this.add(
      {
        created: '2024-05-06T07:08:09Z',
        os,
        architecture,
        ...(variant === undefined ? {} : { variant }),
        config: {},
        rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      },
      OCI.config,
    );
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI.manifest,
      config,
      layers: layers.map(({ packed }) => this.add(packed, OCI.layer)),
      ...extra,
    };
    return this.add(manifest, OCI.manifest);
  }

  /** An index of images for these platforms. */
  addIndex(platforms: readonly string[], more: readonly object[] = []): SampleDescriptor {
    const manifests = platforms.map((name) => {
      const [os, architecture, variant] = name.split('/');
      const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
      return { ...this.addImage(name), platform };
    });
    return this.add(
      { schemaVersion: 2, mediaType: OCI.index, manifests: [...manifests, ...more] },
      OCI.index,
    );
  }

  /** The content of a blob as JSON. */
  json(digest: string): Record<string, unknown> {
    return JSON.parse(this.blobs.get(digest)?.toString('utf8') ?? 'null');
  }

  /** Writes an OCI layout whose `index.json` has these entries. */
  async writeLayout(folder: string, manifests: readonly object[]): Promise<void> {
    await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    for (const [digest, blob] of this.blobs)
      await writeFile(join(folder, 'blobs', digest.replace(':', '/')), blob);
  }
}

/** The descriptor under a tag, for an `index.json`. */
export function tagged(descriptor: SampleDescriptor, name: string): object {
  return { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } };
}
