/** Limits on what an image says of itself: documents, lists, declared sizes, and the index of an archive. */

import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Limits } from '../../src/limits.ts';
import { openImage } from '../../src/sources/open.ts';
import { type FaultyRegistry, openFast, startFaultyRegistry } from '../sources/faulty-registry.ts';
import { failureOf } from '../sources/read-layers.ts';
import { OCI, type SampleDescriptor, SampleStore, sha256 } from '../sources/sample-image.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { expectLimit } from './expect-limit.ts';

const PLATFORM = { platform: 'linux/amd64' } as const;

describe('limits of an OCI layout', () => {
  const path = useWorkFolder();
  let made = 0;

  const layout = async (store: SampleStore, entries: readonly object[]) => {
    const folder = path(`layout-${made++}`);
    await store.writeLayout(folder, entries);
    return (limits: Partial<Limits>) => open(`oci:${folder}`, limits);
  };
  /** An image whose manifest is longer than `index.json`. */
  const imageOf = (store: SampleStore) =>
    store.addImage('linux/amd64', ['a', 'b'], { annotations: { padding: 'x'.repeat(2000) } });

  it('hold for a manifest, by its declared size', async () => {
    const store = new SampleStore();
    const image = imageOf(store);
    const error = await expectLimit(
      'manifest',
      'manifest',
      image.size,
      await layout(store, [image]),
    );
    expect(error.place).toContain(`manifest ${image.digest}`);
  });

  it('hold for index.json', async () => {
    const store = new SampleStore();
    const image = { ...imageOf(store), annotations: { padding: 'x'.repeat(5000) } };
    const { length } = JSON.stringify({ schemaVersion: 2, manifests: [image] });
    const error = await expectLimit('manifest', 'manifest', length, await layout(store, [image]));
    expect(error.place).toContain('index.json in ');
  });

  it('hold for a config', async () => {
    const store = new SampleStore();
    const image = imageOf(store);
    const config = store.json(image.digest).config as SampleDescriptor;
    const error = await expectLimit('config', 'config', config.size, await layout(store, [image]));
    expect(error.place).toContain(`config ${config.digest}`);
  });

  it('hold for layers', async () => {
    const store = new SampleStore();
    const image = store.addImage('linux/amd64', ['a', 'b', 'c', 'd']);
    const error = await expectLimit('layers', 'layers', 4, await layout(store, [image]));
    expect(error.place).toContain(`manifest ${image.digest}`);
  });

  it('hold for one index, and for all that it leads to', async () => {
    const store = new SampleStore();
    const flat = store.addIndex(['linux/amd64', 'linux/arm64', 'linux/s390x']);
    await expectLimit('indexEntries', 'index-entries', 3, await layout(store, [flat]));
    const nested = store.addIndex(['linux/ppc64le', 'linux/386'], [flat]);
    await expectLimit('indexEntries', 'index-entries', 5, await layout(store, [nested]));
  });

  it('hold for the size that a layer is said to have, before it is read', async () => {
    const store = new SampleStore();
    const size = 2 ** 50;
    const config = store.add(
      {
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [sha256(new Uint8Array(0))] },
      },
      OCI.config,
    );
    const layer = { mediaType: OCI.layer, digest: sha256(new Uint8Array(1)), size };
    const image = store.add(
      { schemaVersion: 2, mediaType: OCI.manifest, config, layers: [layer] },
      OCI.manifest,
    );
    const use = await layout(store, [image]);
    const error = await expectLimit('unpacked', 'unpacked', size, use);
    expect(error.place).toBe(`layer 0: ${layer.digest}`);
    expect((await failureOf(use({}))).code).toBe('E_LIMIT');
  });
});

describe('limits of archives', () => {
  const path = useWorkFolder();
  const layer = tar([{ path: 'a', body: 'a' }]);
  const config = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [sha256(layer), sha256(layer)] },
  });
  const manifest = JSON.stringify([
    { Config: 'config.json', RepoTags: null, Layers: ['l/layer.tar', 'l/layer.tar'] },
  ]);
  const items: readonly TarItem[] = [
    { path: 'config.json', body: config },
    { path: 'l/' },
    { path: 'l/layer.tar', body: layer },
    { path: 'm/layer.tar', linkPath: '../l/layer.tar' },
    { path: 'manifest.json', body: manifest },
  ];
  const use = (limits: Partial<Limits>) => open(`docker-archive:${path('saved.tar')}`, limits);
  beforeAll(() => writeFile(path('saved.tar'), tar(items)));

  it('hold for the manifest, the config and the layers', async () => {
    await expectLimit('manifest', 'manifest', manifest.length, use);
    await expectLimit('config', 'config', config.length, use);
    await expectLimit('layers', 'layers', 2, use);
    await expectLimit('unpacked', 'unpacked', layer.length, use);
  });

  it('hold for the names of the members', async () => {
    const names = ['config.json', 'l/layer.tar', 'm/layer.tar', '../l/layer.tar', 'manifest.json'];
    const bytes = names.reduce((sum, name) => sum + name.length, 4 * 256);
    const error = await expectLimit('archiveIndex', 'archive-index', bytes, use);
    expect(error.place).toMatch(/saved\.tar, offset \d+$/);
  });

  it('hold for headers of the members', async () => {
    const file = path('long.tar');
    await writeFile(file, tar([...items, { path: 'n'.repeat(300), body: '' }]));
    await expectLimit('pathLength', 'path-length', 300, (limits) =>
      open(`docker-archive:${file}`, limits),
    );
  });
});

describe('limits of a registry', () => {
  const store = new SampleStore();
  const image = store.addImage('linux/amd64');
  let registry: FaultyRegistry;
  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    registry = await startFaultyRegistry(store, image);
  });
  afterAll(() => registry.close());
  const use = async (limits: Partial<Limits>): Promise<void> => {
    const { close } = await openFast(registry, { limits });
    await close();
  };

  it('hold for a manifest', async () => {
    registry.fault = () => false;
    await expectLimit('manifest', 'manifest', image.size, use);
  });

  it.each([
    ['announced', { 'content-length': String(2 ** 40) }],
    ['endless', { 'transfer-encoding': 'chunked' }],
  ])('end an %s manifest where the limit is', async (_, headers) => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, ' ');
    registry.fault = ({ url = '' }, response) => {
      if (!url.includes('/manifests/')) return false;
      response.writeHead(200, { 'content-type': OCI.manifest, ...headers });
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
      };
      response.on('drain', more);
      more();
      return true;
    };
    const error = await failureOf(use({ manifest: 100_000 }));
    expect(error.code).toBe('E_LIMIT');
    expect(error.summary).toContain('manifest=100000');
    // What fits the buffers of two sockets is sent, and no more.
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});

async function open(spec: string, limits: Partial<Limits>): Promise<void> {
  const image = await openImage(spec, { ...PLATFORM, limits });
  await image.close();
}
