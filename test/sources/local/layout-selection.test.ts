/** Which image of a layout is meant, and what is not a layout. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../../src/sources/open.ts';
import { type TarItem, tar } from '../../support/tar-builder.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { failureOf } from '../read-layers.ts';
import { OCI, type SampleDescriptor, SampleStore, tagged } from '../sample-image.ts';

const AMD64: SourceOptions = { platform: 'linux/amd64' };

describe('images of a layout', () => {
  const path = useWorkFolder();
  let made = 0;
  const layout = async (store: SampleStore, entries: readonly object[]): Promise<string> => {
    const folder = path(`layout-${made++}`);
    await store.writeLayout(folder, entries);
    return folder;
  };
  const digestOf = async (spec: string, platform = 'linux/amd64'): Promise<string | undefined> => {
    const image = await openImage(spec, { platform });
    await image.close();
    return image.digest;
  };
  const typed = (entry: SampleDescriptor, architecture: string): object => ({
    ...entry,
    platform: { os: 'linux', architecture },
  });

  it('5.1 `@<n>` is a place in `index.json`', async () => {
    const store = new SampleStore();
    const images = ['a', 'b'].map((name) => store.addImage('linux/amd64', [name]));
    const folder = await layout(store, images);
    expect(await digestOf(`oci:${folder}@1`)).toBe(images[1]?.digest);
    for (const selector of ['@2', '@-1', '@99999999'])
      expect((await failureOf(openImage(`oci:${folder}${selector}`, AMD64))).code).toBe(
        'E_NOT_FOUND',
      );
  });

  it('5.1 several of one name are told apart by their platforms', async () => {
    const store = new SampleStore();
    const amd = store.addImage('linux/amd64');
    const arm = store.addImage('linux/arm64');
    const folder = await layout(store, [
      { ...tagged(amd, 'v'), ...{ platform: { os: 'linux', architecture: 'amd64' } } },
      { ...tagged(arm, 'v'), ...{ platform: { os: 'linux', architecture: 'arm64' } } },
    ]);
    expect(await digestOf(`oci:${folder}:v`)).toBe(amd.digest);
    expect(await digestOf(`oci:${folder}:v`, 'linux/arm64')).toBe(arm.digest);
  });

  it('5.1 several of one name and platform are an error that lists them', async () => {
    const store = new SampleStore();
    const images = ['a', 'b'].map((name) => store.addImage('linux/amd64', [name]));
    const named = images.map((image) => ({ ...image, ...tagged(image, 'v') }));
    const withPlatform = images.map((image) => typed(image, 'amd64'));
    const indexes = ['linux/amd64', 'linux/arm64'].map((name) => store.addIndex([name]));
    for (const entries of [named, withPlatform, images, indexes]) {
      const error = await failureOf(openImage(`oci:${await layout(store, entries)}`, AMD64));
      expect(error.code).toBe('E_USAGE');
      expect(error.message).toMatch(/several images.*sha256:/);
    }
  });

  it('3.3 several entries without a platform are opened one by one by their configs', async () => {
    const store = new SampleStore();
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6'];
    const images = platforms.map((name) => store.addImage(name));
    const folder = await layout(store, images);
    for (const [index, platform] of platforms.entries())
      expect(await digestOf(`oci:${folder}`, platform)).toBe(images[index]?.digest);
    const error = await failureOf(openImage(`oci:${folder}`, { platform: 'linux/s390x' }));
    expect(error.code).toBe('E_PLATFORM');
  });

  it('3.3 too many entries without a platform are not opened', async () => {
    const store = new SampleStore();
    const images = Array.from({ length: 40 }, (_, n) => store.addImage('linux/amd64', [`${n}`]));
    const index = store.add({ schemaVersion: 2, manifests: images }, OCI.index);
    const error = await failureOf(openImage(`oci:${await layout(store, [index])}`, AMD64));
    expect(error.code).toBe('E_PLATFORM');
    expect(error.message).toMatch(/40 images name no platform.*digest/);
  });

  it('5.1 unknown files and unreferenced blobs are legal', async () => {
    const store = new SampleStore();
    store.addImage('linux/amd64', ['unreferenced']);
    const only = store.addImage('linux/amd64');
    const folder = await layout(store, [only]);
    await writeFile(join(folder, 'notes.txt'), 'x');
    await mkdir(join(folder, 'blobs', 'own'));
    expect(await digestOf(`oci:${folder}`)).toBe(only.digest);
  });

  it('5.1 blobs of platforms that are not wanted may be missing', async () => {
    const store = new SampleStore();
    const other = new SampleStore();
    const only = store.addImage('linux/amd64');
    const missing = other.addImage('linux/arm64');
    const folder = await layout(store, [typed(only, 'amd64'), typed(missing, 'arm64')]);
    expect(await digestOf(`oci:${folder}`)).toBe(only.digest);
    const error = await failureOf(openImage(`oci:${folder}`, { platform: 'linux/arm64' }));
    expect(error.code).toBe('E_NOT_FOUND');
    expect(error.message).toContain(missing.digest.slice('sha256:'.length));
  });

  it('5.1 a layout version 1.x passes with a notice', async () => {
    const store = new SampleStore();
    const folder = await layout(store, [store.addImage('linux/amd64')]);
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.1.0"}');
    const notices: string[] = [];
    const image = await openImage(`oci:${folder}`, {
      ...AMD64,
      notice: ({ code }) => notices.push(code),
    });
    await image.close();
    expect(notices).toEqual(['odd-layout']);
  });

  it('5.4 a folder of skopeo `dir:` is refused with advice', async () => {
    const folder = path('skopeo-dir');
    await mkdir(folder);
    const manifest = '{"schemaVersion":2,"layers":[]}';
    await writeFile(join(folder, 'version'), 'Directory Transport Version: 1.1\n');
    await writeFile(join(folder, 'manifest.json'), manifest);
    const error = await failureOf(openImage(`oci:${folder}`, AMD64));
    expect(error.message).toMatch(/skopeo copy dir:/);
    const items = [{ path: 'manifest.json', body: manifest }];
    await writeFile(path('dir.tar'), tar(items));
    const packed = await failureOf(openImage(`docker-archive:${path('dir.tar')}`, AMD64));
    expect(packed.message).toMatch(/at least one image.*skopeo copy dir:/);
  });

  it.each<[string, string, readonly TarItem[], RegExp]>([
    [
      '`docker export`',
      'oci-archive',
      [{ path: 'etc/passwd', body: 'x' }],
      /root file system tar:/,
    ],
    ['`docker export`', 'docker-archive', [{ path: 'etc/passwd', body: 'x' }], /use tar:/],
    ['a Docker archive', 'oci-archive', [{ path: 'manifest.json', body: '[]' }], /docker-archive:/],
    [
      '5.2 a Docker archive of before 1.10',
      'docker-archive',
      [
        { path: 'repositories', body: '{"app":{"1":"abc"}}' },
        { path: 'abc/json', body: '{}' },
        { path: 'abc/layer.tar', body: tar([]) },
      ],
      /before 1\.10/,
    ],
  ])('5.4 %s is told from %s:', async (_name, kind, items, message) => {
    const file = path(`other-${made++}.tar`);
    await writeFile(file, tar(items));
    const error = await failureOf(openImage(`${kind}:${file}`, AMD64));
    expect(error.code).toBe('E_ARCHIVE');
    expect(error.message).toMatch(message);
  });
});
