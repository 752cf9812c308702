/** Content in descriptors, digests of every supported algorithm, and layers of nothing. */

import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../../src/sources/open.ts';
import { tar } from '../../support/tar-builder.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { OCI, type SampleDescriptor, SampleStore } from '../sample-image.ts';
import { altered } from './image-forms.ts';

const AMD64: SourceOptions = { platform: 'linux/amd64' };
const embed = (bytes: Uint8Array): { data: string } => ({
  data: Buffer.from(bytes).toString('base64'),
});

describe('3.4 embedded `data`', () => {
  const path = useWorkFolder();
  let made = 0;
  interface Embedded {
    readonly folder: string;
    readonly manifest: SampleDescriptor;
  }
  /** An image whose config, layers or manifest are in descriptors only, bent by `bend`. */
  const embedded = async (
    what: 'config' | 'layers' | 'manifest',
    bend: (descriptor: SampleDescriptor) => object = (descriptor) => descriptor,
  ): Promise<Embedded> => {
    const store = new SampleStore();
    const plain = store.addImage('linux/amd64');
    const body = store.json(plain.digest) as {
      config: SampleDescriptor;
      layers: SampleDescriptor[];
    };
    const inside = (descriptor: SampleDescriptor): object => {
      const bytes = store.blobs.get(descriptor.digest) ?? Buffer.alloc(0);
      store.blobs.delete(descriptor.digest);
      return bend({ ...descriptor, ...embed(bytes) });
    };
    const extra = {
      config: { config: what === 'config' ? inside(body.config) : body.config },
      layers: { layers: what === 'layers' ? body.layers.map(inside) : body.layers },
      manifest: {},
    }[what];
    const manifest = altered(store, plain, extra);
    const folder = path(`embedded-${made++}`);
    await store.writeLayout(folder, [what === 'manifest' ? inside(manifest) : manifest]);
    return { folder, manifest };
  };

  it.each(['config', 'layers', 'manifest'] as const)('saves reading the %s', async (what) => {
    const { folder, manifest } = await embedded(what);
    const image = await openImage(`oci:${folder}`, AMD64);
    expect(image.digest).toBe(manifest.digest);
    for (const layer of image.layers) expect((await readLayer(layer)).length).toBeGreaterThan(0);
    await image.close();
  });

  it.each([
    ['white space', 'E_MANIFEST', ({ data }: SampleDescriptor) => `${data}\n`],
    ['no padding', 'E_MANIFEST', () => 'YQ'],
    ['stray bits', 'E_MANIFEST', () => 'YR=='],
    ['the alphabet of URLs', 'E_MANIFEST', () => '_-__'],
    ['another length', 'E_SIZE', () => 'YQ=='],
    [
      'another content',
      'E_DIGEST',
      ({ size }: SampleDescriptor) => Buffer.alloc(size, 'x').toString('base64'),
    ],
  ])('is refused with %s', async (_name, code, data) => {
    for (const what of ['config', 'manifest'] as const) {
      const { folder } = await embedded(what, (given) => ({ ...given, data: data(given) }));
      expect((await failureOf(openImage(`oci:${folder}`, AMD64))).code).toBe(code);
    }
  });

  it('of a number is refused', async () => {
    const { folder } = await embedded('config', (given) => ({ ...given, data: 5 }));
    expect((await failureOf(openImage(`oci:${folder}`, AMD64))).message).toContain('config.data');
  });

  it('in an entry that is not wanted does not matter', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const platform = (architecture: string) => ({ platform: { os: 'linux', architecture } });
    const folder = path(`embedded-${made++}`);
    await store.writeLayout(folder, [
      { ...only, ...platform('arm64'), data: '!' },
      { ...only, ...platform('amd64') },
    ]);
    await (await openImage(`oci:${folder}`, AMD64)).close();
  });
});

describe('3.4 sha512', () => {
  const path = useWorkFolder();

  it('names manifests, configs, layers and unpacked layers', async () => {
    const folder = path('layout');
    const write = async (bytes: Uint8Array, mediaType: string): Promise<SampleDescriptor> => {
      const hex = createHash('sha512').update(bytes).digest('hex');
      const file = join(folder, 'blobs', 'sha512', hex);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
      return { mediaType, digest: `sha512:${hex}`, size: bytes.length };
    };
    const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
    const plain = tar([{ path: 'x', body: 'x' }]);
    const diffId = `sha512:${createHash('sha512').update(plain).digest('hex')}`;
    const rootfs = { type: 'layers', diff_ids: [diffId] };
    const config = await write(json({ os: 'linux', architecture: 'amd64', rootfs }), OCI.config);
    const layers = [await write(gzipSync(plain), OCI.layer)];
    const manifest = await write(json({ schemaVersion: 2, config, layers }), OCI.manifest);
    await new SampleStore().writeLayout(folder, [manifest]);
    const image = await openImage(`oci:${folder}@${manifest.digest}`, AMD64);
    expect(image.digest).toBe(manifest.digest);
    expect(image.layers[0]).toMatchObject({ digest: layers[0]?.digest, diffId });
    await readLayer(image.layers[0]!);
    await image.close();
  });

  it('of empty content needs no file', async () => {
    const store = new SampleStore();
    const plain = store.addImage('linux/amd64', ['a']);
    const digest = `sha512:${createHash('sha512').digest('hex')}`;
    const layers = [{ mediaType: OCI.layer, digest, size: 0 }];
    await store.writeLayout(path('empty'), [altered(store, plain, { layers })]);
    const image = await openImage(`oci:${path('empty')}`, AMD64);
    expect(await readLayer(image.layers[0]!)).toHaveLength(0);
    await image.close();
  });
});

describe('3.4 layers and diff_ids', () => {
  const path = useWorkFolder();

  it('containers-roadmap#1074: a zero-length blob needs no download', async () => {
    const store = new SampleStore();
    const plain = store.addImage('linux/amd64', ['a']);
    const empty = store.add(Buffer.alloc(0), OCI.layer);
    const manifest = altered(store, plain, { layers: [empty] });
    await store.writeLayout(path('zero'), [manifest]);
    await rm(join(path('zero'), 'blobs', empty.digest.replace(':', '/')));
    const image = await openImage(`oci:${path('zero')}`, AMD64);
    expect(await readLayer(image.layers[0]!)).toHaveLength(0);
    await image.close();
  });

  it.each([
    ['more layers than diff_ids', (layers: readonly object[]) => [...layers, ...layers]],
    ['fewer layers than diff_ids', (layers: readonly object[]) => layers.slice(1)],
    ['no layers, but diff_ids', () => null],
  ])('%s is an error with both counts', async (name, change) => {
    const store = new SampleStore();
    const plain = store.addImage('linux/amd64');
    const { layers } = store.json(plain.digest) as { layers: object[] };
    const folder = path(name.replaceAll(' ', '-'));
    await store.writeLayout(folder, [altered(store, plain, { layers: change(layers) })]);
    const error = await failureOf(openImage(`oci:${folder}`, AMD64));
    expect(error.code).toBe('E_CONFIG');
    expect(error.message).toMatch(/the manifest has \d layers, the config has 2 diff_ids/);
  });

  it('no layers at all are an image with a notice (moby#27568)', async () => {
    const store = new SampleStore();
    await store.writeLayout(path('none'), [store.addImage('linux/amd64', [])]);
    const notices: string[] = [];
    const image = await openImage(`oci:${path('none')}`, {
      ...AMD64,
      notice: ({ message }) => notices.push(message),
    });
    expect(image.layers).toEqual([]);
    expect(notices.join()).toContain('no layers');
    await image.close();
  });

  it('containerd#3583: the same layer twice is two layers', async () => {
    const store = new SampleStore();
    await store.writeLayout(path('twice'), [store.addImage('linux/amd64', ['a', 'b', 'a'])]);
    const image = await openImage(`oci:${path('twice')}`, AMD64);
    expect(image.layers).toHaveLength(3);
    expect(image.layers[2]?.digest).toBe(image.layers[0]?.digest);
    await Promise.all(image.layers.map((layer) => readLayer(layer)));
    await image.close();
  });
});
