import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../src/sources/open.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { failureOf, unpackedDigests } from './read-layers.ts';
import { sha256 } from './sample-image.ts';

const AMD64 = { platform: 'linux/amd64' } as const;

describe('Docker archives', () => {
  const path = useWorkFolder();
  const lower = tar([{ path: 'lower', body: 'lower\n' }]);
  const upper = tar([{ path: 'upper', body: 'upper\n' }]);
  const diffIds = [sha256(lower), sha256(upper)];
  const config = (ids: readonly string[] = diffIds) =>
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: ids },
    });
  const hex = (text: string) => sha256(Buffer.from(text)).slice('sha256:'.length);
  let made = 0;

  const save = async (manifest: unknown, items: readonly TarItem[]): Promise<string> => {
    const file = path(`saved-${made++}.tar`);
    const body = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    await writeFile(file, tar([...items, { path: 'manifest.json', body }]));
    return `docker-archive:${file}`;
  };
  const image = (
    layers: readonly string[],
    names: readonly string[] | null = null,
    ids = diffIds,
  ) => ({
    Config: `${hex(config(ids))}.json`,
    RepoTags: names,
    Layers: layers,
  });
  const configItem = (ids = diffIds): TarItem => ({
    path: `${hex(config(ids))}.json`,
    body: config(ids),
  });
  const layerItems: readonly TarItem[] = [
    { path: 'a/', type: 'directory' },
    { path: 'a/layer.tar', body: lower },
    { path: 'b/layer.tar', body: upper },
  ];
  const standard = (names: readonly string[] | null = null) =>
    save([image(['a/layer.tar', 'b/layer.tar'], names)], [configItem(), ...layerItems]);

  it('are read in the old form', async () => {
    const source = await openImage(await standard(), AMD64);
    expect(source.digest).toBe(`sha256:${hex(config())}`);
    expect(source.platform).toBe('linux/amd64');
    expect(source.layers.map(({ digest }) => digest)).toEqual([undefined, undefined]);
    expect(source.layers.map(({ diffId }) => diffId)).toEqual(diffIds);
    expect(await unpackedDigests(source)).toEqual(diffIds);
    await source.close();
  });

  it('are read in the form of an OCI layout', async () => {
    const blob = (bytes: Uint8Array): TarItem => ({
      path: `blobs/${sha256(bytes).replace(':', '/')}`,
      body: bytes,
    });
    const parts = [Buffer.from(config()), lower, upper].map(blob);
    const [Config, ...Layers] = parts.map(({ path: name }) => String(name));
    const spec = await save(
      [{ Config, RepoTags: ['app:1'], Layers }],
      [
        ...parts,
        { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
        { path: 'index.json', body: '{"schemaVersion":2,"manifests":[]}' },
      ],
    );
    const source = await openImage(spec, AMD64);
    expect(await unpackedDigests(source)).toEqual(diffIds);
    await source.close();
  });

  it('containerd#12890: are read with links for layers that repeat, and backslashes', async () => {
    const ids = [diffIds[0]!, diffIds[0]!, diffIds[1]!];
    const layers = ['a/layer.tar', './c/layer.tar', 'd\\layer.tar'];
    const links: readonly TarItem[] = [
      { path: 'c/layer.tar', linkPath: '../a/layer.tar' },
      { path: 'd/layer.tar', type: 'hardlink', linkPath: 'b/layer.tar' },
    ];
    const spec = await save([image(layers, null, ids)], [configItem(ids), ...layerItems, ...links]);
    const source = await openImage(spec, AMD64);
    expect(await unpackedDigests(source)).toEqual(ids);
    await source.close();
  });

  it('5.2 are read with packed layers and `LayerSources`, in the way of podman', async () => {
    const [first, second] = diffIds.map((id) => `${id.slice('sha256:'.length)}.tar`);
    const manifest = {
      ...image([first!, second!]),
      Parent: 'x',
      LayerSources: { [diffIds[0]!]: { mediaType: 'application/x', size: 1, digest: 'x' } },
    };
    const items: readonly TarItem[] = [
      { path: first!, body: gzipSync(lower) },
      { path: second!, body: upper },
      { path: '0123/layer.tar', type: 'symlink', linkPath: `../${first}` },
      { path: '0123/VERSION', body: '1.0' },
    ];
    const source = await openImage(await save([manifest], [configItem(), ...items]), AMD64);
    expect(await unpackedDigests(source)).toEqual(diffIds);
    await source.close();
  });

  it('are read by name or place when they have several images', async () => {
    const ids = [diffIds[1]!];
    const images = [
      image(['a/layer.tar', 'b/layer.tar'], ['app:1', 'app:one']),
      image(['b/layer.tar'], ['registry.example/app:2'], ids),
    ];
    const spec = await save(images, [configItem(), configItem(ids), ...layerItems]);
    const layersOf = async (name: string) => {
      const source = await openImage(`${spec}:${name}`, AMD64);
      await source.close();
      return source.layers.length;
    };
    expect(await layersOf('app:1')).toBe(2);
    expect(await layersOf('docker.io/library/app:one')).toBe(2);
    expect(await layersOf('registry.example/app:2')).toBe(1);
    expect(await layersOf('@1')).toBe(1);
    const unnamed = await failureOf(openImage(spec, AMD64));
    expect(unnamed.code).toBe('E_USAGE');
    expect(unnamed.message).toContain('registry.example/app:2');
    for (const name of ['app:3', '@2', '@x']) {
      const error = await failureOf(openImage(`${spec}:${name}`, AMD64));
      expect(error.code).toBe('E_NOT_FOUND');
    }
  });

  it('give one layer alone, which has no digest', async () => {
    const source = await openImage(await standard(), { ...AMD64, layer: 1 });
    expect(source.digest).toBeUndefined();
    expect(await unpackedDigests(source)).toEqual(diffIds.slice(1));
    await source.close();
    const error = await failureOf(openImage(await standard(), { ...AMD64, blob: diffIds[0]! }));
    expect(error.message).toContain('by its number');
  });

  it('of another platform are refused', async () => {
    const error = await failureOf(openImage(await standard(), { platform: 'linux/arm64' }));
    expect(error.code).toBe('E_PLATFORM');
  });

  it.each([
    ['null', 'null', /at least one image/],
    ['an empty list', '[]', /at least one image/],
    ['an object', '{}', /at least one image/],
    ['a number for a name', [{ Config: 'x', Layers: [1] }], /Layers\[0\]/],
    ['a config that is missing', [{ Config: 'x.json', Layers: [] }], /no file `x.json`/],
    ['a config outside', [{ Config: '/etc/passwd', Layers: [] }], /out of the archive/],
    ['a layer outside', [image(['a/layer.tar', '../../x'])], /out of the archive/],
    ['a link outside', [image(['a/layer.tar', 'evil'])], /out of the archive/],
    ['too few layers', [image(['a/layer.tar'])], /1 layers.*2 diff_ids/],
    ['one file for two layers', [image(['a/layer.tar', 'a/layer.tar'])], /two different layers/],
  ])('are refused with %s', async (_name, manifest, message) => {
    const evil: TarItem = { path: 'evil', linkPath: '/etc/passwd' };
    const spec = await save(manifest, [configItem(), ...layerItems, evil]);
    const error = await failureOf(openImage(spec, AMD64));
    expect(error.message).toMatch(message);
  });

  it.each([
    ['an OCI layout', [{ path: 'index.json', body: '{}' }], /oci-archive:/],
    ['one of an ancient Docker', [{ path: 'repositories', body: '{}' }], /before 1\.10/],
    ['a root file system', [{ path: 'etc/passwd', body: 'x' }], /tar:/],
  ])('are told from %s', async (_name, items, message) => {
    const file = path(`other-${made++}.tar`);
    await writeFile(file, tar(items));
    const error = await failureOf(openImage(`docker-archive:${file}`, AMD64));
    expect(error.code).toBe('E_ARCHIVE');
    expect(error.message).toMatch(message);
  });

  it('with a config under a wrong name are read with a notice', async () => {
    const name = `${'0'.repeat(64)}.json`;
    const entry = { ...image(['a/layer.tar', 'b/layer.tar']), Config: name };
    const spec = await save([entry], [{ path: name, body: config() }, ...layerItems]);
    const notices: string[] = [];
    const source = await openImage(spec, { ...AMD64, notice: ({ code }) => notices.push(code) });
    expect(notices).toEqual(['odd-config']);
    expect(source.digest).toBe(`sha256:${hex(config())}`);
    await source.close();
  });
});
