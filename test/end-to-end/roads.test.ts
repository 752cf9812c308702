/** The same content by every road: one image through real tools, built from each form it comes in. */

import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { REGISTRY_NEEDS, startRegistry } from '../support/docker-registry.ts';
import { loadLibrary } from '../support/library.ts';
import { digestOf, writeLayout } from '../support/oci-layout.ts';
import { copyImage } from '../support/skopeo.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const UUID = '12345678-1234-4123-8123-123456789abc';
const LOWER: TarItem[] = [
  { path: 'etc/', mtime: 1_700_000_000 },
  { path: 'etc/a', body: 'a'.repeat(10_000), mtime: 1_700_000_001 },
  { path: 'etc/b', body: 'b', uid: 1000, gid: 1000 },
];
const UPPER: TarItem[] = [
  { path: 'etc/.wh.b', body: '' },
  { path: 'etc/c', linkPath: 'a' },
  { path: 'opt/', mode: 0o700 },
];
const LAYERS = [tar(LOWER), tar(UPPER), tar([])] as const;

interface Built {
  readonly bytes: Buffer;
  readonly digest: string | undefined;
  readonly uuid: string;
}

describeWith({ tools: [...REGISTRY_NEEDS.tools, 'zstd'] }, 'the same image by every road', () => {
  const path = useWorkFolder();
  let layout = '';
  let reference: Buffer;

  const build = async (source: string, fixed = true): Promise<Built> => {
    const library = await loadLibrary();
    const output = path('image.erofs');
    const options = fixed ? { uuid: UUID, timestamp: 1_700_000_000 } : {};
    const result = await library.build({
      source,
      output,
      platform: 'linux/amd64',
      threads: 1,
      ...options,
    });
    return { bytes: await readFile(output), digest: result.sourceDigest, uuid: result.uuid };
  };
  const expectSame = async (source: string): Promise<void> => {
    const { bytes } = await build(source);
    expect(bytes.equals(reference), source).toBe(true);
  };

  beforeAll(async () => {
    const folder = path('layout');
    await writeLayout(
      folder,
      LAYERS.map((items) => ({ items })),
    );
    layout = `oci:${folder}:latest`;
    reference = (await build(layout)).bytes;
    expect(reference.length).toBeGreaterThan(4096);
  });

  it('comes from a registry, layouts and archives that skopeo wrote', async () => {
    const registry = await startRegistry(path('registry'));
    try {
      const there = `${registry.host}/team/app:tag`;
      await copyImage(layout, `docker://${there}`);
      await expectSame(there);
      await copyImage(`docker://${there}`, `oci:${path('copy')}:tag`);
      await expectSame(`oci:${path('copy')}:tag`);
    } finally {
      await registry.close();
    }
    await copyImage(layout, `oci-archive:${path('oci.tar')}:tag`);
    await expectSame(`oci-archive:${path('oci.tar')}`);
    await copyImage(layout, `docker-archive:${path('docker.tar')}:team/app:tag`);
    await expectSame(`docker-archive:${path('docker.tar')}:team/app:tag`);
  });

  it.each([
    ['gzip', 'gz'],
    ['zstd', 'zst'],
  ])('comes from archives packed as a whole with %s', async (tool, suffix) => {
    await copyImage(layout, `oci-archive:${path(`${suffix}.tar`)}:tag`);
    const { stdout } = await run(tool, ['-c', path(`${suffix}.tar`)]);
    await writeFile(path(`packed.tar.${suffix}`), stdout);
    await expectSame(`oci-archive:${path(`packed.tar.${suffix}`)}`);
  });

  it.each([
    ['of Docker before 25', false],
    ['of Docker since 25', true],
  ])('comes from `docker save` %s', async (_name, isNew) => {
    const file = path(`saved-${isNew}.tar`);
    await writeFile(file, tar(isNew ? newSave() : oldSave()));
    await expectSame(`docker-archive:${file}`);
  });

  it.each([
    [
      'containerd#2263 plain tars under the type of packed ones',
      'none',
      'oci.image.layer.v1.tar+gzip',
    ],
    ['buildah#1589 packed tars under the type of plain ones', 'gzip', 'oci.image.layer.v1.tar'],
    ['image#2906 another packing than the type says', 'gzip', 'oci.image.layer.v1.tar+zstd'],
    ['image#2906 plain tars under Docker’s type', 'none', 'docker.image.rootfs.diff.tar.gzip'],
  ] as const)('3.5 comes from %s', async (name, packing, type) => {
    const folder = path(name.replaceAll(/\W/g, '-'));
    const lie = { mediaType: `application/vnd.${type}` };
    await writeLayout(
      folder,
      LAYERS.map((items) => ({ items, packing, lie })),
    );
    await expectSame(`oci:${folder}:latest`);
  });

  it('has a UUID of its own by each road that changes what identifies it', async () => {
    // Unless it is given, the UUID comes from the digest of what was asked for. A layout and a registry have the same
    // manifest. A Docker archive has none, so its config identifies it; and skopeo writes Docker's types into it, and
    // unpacks the layers. Only the UUID and its checksum differ then, and the content does not.
    await copyImage(layout, `oci-archive:${path('same.tar')}:tag`);
    await copyImage(layout, `docker-archive:${path('other.tar')}:app:tag`);
    const first = await build(layout, false);
    const same = await build(`oci-archive:${path('same.tar')}`, false);
    const other = await build(`docker-archive:${path('other.tar')}`, false);
    expect(same.digest).toBe(first.digest);
    expect(same.bytes.equals(first.bytes)).toBe(true);
    expect(other.digest).not.toBe(first.digest);
    expect(other.uuid).not.toBe(first.uuid);
    const start = 4096;
    expect(other.bytes.subarray(start).equals(first.bytes.subarray(start))).toBe(true);
  });
});

const DIFF_IDS = LAYERS.map((layer) => digestOf(layer));
const CONFIG = Buffer.from(
  JSON.stringify({
    created: '2024-05-06T07:08:09Z',
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: DIFF_IDS },
  }),
);
const hex = (bytes: Uint8Array): string => digestOf(bytes).slice('sha256:'.length);

/** A folder a layer, and a config named after its digest. */
function oldSave(): TarItem[] {
  const config = `${hex(CONFIG)}.json`;
  const layers = LAYERS.map((_, index) => `${'abc'[index]}/layer.tar`);
  return [
    { path: config, body: CONFIG },
    ...LAYERS.flatMap((body, index) => [
      { path: `${'abc'[index]}/` },
      { path: `${'abc'[index]}/VERSION`, body: '1.0' },
      { path: layers[index] ?? '', body },
    ]),
    {
      path: 'manifest.json',
      body: JSON.stringify([{ Config: config, RepoTags: ['app:tag'], Layers: layers }]),
    },
    { path: 'repositories', body: '{"app":{"tag":"c"}}' },
  ];
}

/** An OCI layout of unpacked layers, with a `manifest.json` that points into it. */
function newSave(): TarItem[] {
  const type = (name: string): string => `application/vnd.oci.image.${name}`;
  const describe = (bytes: Uint8Array, mediaType: string): object => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type('manifest.v1+json'),
      config: describe(CONFIG, type('config.v1+json')),
      layers: LAYERS.map((layer) => describe(layer, type('layer.v1.tar'))),
    }),
  );
  const blob = (bytes: Uint8Array): string => `blobs/sha256/${hex(bytes)}`;
  const entry = {
    ...describe(manifest, type('manifest.v1+json')),
    annotations: {
      'io.containerd.image.name': 'docker.io/library/app:tag',
      'org.opencontainers.image.ref.name': 'tag',
    },
  };
  const saved = { Config: blob(CONFIG), RepoTags: ['app:tag'], Layers: LAYERS.map(blob) };
  return [
    ...[...LAYERS, CONFIG, manifest].map((body) => ({ path: blob(body), body })),
    { path: 'index.json', body: JSON.stringify({ schemaVersion: 2, manifests: [entry] }) },
    { path: 'manifest.json', body: JSON.stringify([saved]) },
    { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}
