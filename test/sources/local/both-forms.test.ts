/** Archives that hold an image twice, as an OCI layout and for `docker load`: which of the two is read. */

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../../src/sources/open.ts';
import { type TarItem, tar } from '../../support/tar-builder.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { failureOf, unpackedDigests } from '../read-layers.ts';
import { OCI, type SampleDescriptor, SampleStore } from '../sample-image.ts';
import { altered, blobName, exported, layoutItems, savedItem } from './image-forms.ts';

const AMD64: SourceOptions = { platform: 'linux/amd64' };
const KINDS = ['oci-archive', 'docker-archive'] as const;

interface Outcome {
  readonly digest: string | undefined;
  readonly layers: number;
  readonly notices: readonly string[];
}

describe('archives in both forms', () => {
  const path = useWorkFolder();
  let made = 0;
  const archive = async (items: readonly TarItem[]): Promise<string> => {
    const file = path(`both-${made++}.tar`);
    await writeFile(file, tar(items));
    return file;
  };
  const open = async (spec: string, options: SourceOptions = AMD64): Promise<Outcome> => {
    const notices: string[] = [];
    const notice: SourceOptions['notice'] = ({ code, message }) =>
      notices.push(`${code}: ${message}`);
    const image = await openImage(spec, { ...options, notice });
    const layers = (await unpackedDigests(image)).length;
    await image.close();
    return { digest: image.digest, layers, notices };
  };
  /** What both kinds must agree on. */
  const openBoth = async (file: string, selector = '', options = AMD64): Promise<Outcome> => {
    const [first, second] = await Promise.all(
      KINDS.map((kind) => open(`${kind}:${file}${selector}`, options)),
    );
    expect(second).toEqual(first);
    return first!;
  };
  const without = (items: readonly TarItem[], ...digests: readonly string[]): TarItem[] =>
    items.filter((item) => !digests.map(blobName).includes(String(item.path)));
  const layersOf = (store: SampleStore, { digest }: SampleDescriptor): string[] =>
    (store.json(digest) as { layers: SampleDescriptor[] }).layers.map((layer) => layer.digest);
  const configOf = (store: SampleStore, { digest }: SampleDescriptor): string =>
    (store.json(digest) as { config: SampleDescriptor }).config.digest;

  it('5.3 OCI view complete for the wanted platform: OCI', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const entry = exported(only, 'docker.io/library/app:1', 'linux/amd64');
    const file = await archive([...layoutItems(store, [entry]), savedItem(store, only)]);
    for (const selector of ['', ':1', ':app:1', ':docker.io/library/app:1', `@${only.digest}`])
      expect(await openBoth(file, selector)).toEqual({
        digest: only.digest,
        layers: 2,
        notices: [],
      });
    expect((await open(`docker-archive:${file}@0`)).digest).toBe(configOf(store, only));
    expect((await open(`oci-archive:${file}@0`)).digest).toBe(only.digest);
    for (const kind of KINDS) {
      const error = await failureOf(openImage(`${kind}:${file}:app:2`, AMD64));
      expect(error.code).toBe('E_NOT_FOUND');
      expect(error.message).toContain('docker.io/library/app:1');
    }
  });

  it('5.3 containerd export: packed layers, and blobs of the exported platform only', async () => {
    const store = new SampleStore();
    const mine = store.addImage('linux/amd64');
    const other = store.addImage('linux/arm64', ['other']);
    const statement = {
      ...store.addImage('unknown/unknown', ['statement']),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const typed = [
      { ...mine, platform: { os: 'linux', architecture: 'amd64' } },
      { ...other, platform: { os: 'linux', architecture: 'arm64' } },
    ];
    const index = store.add({ schemaVersion: 2, manifests: [...typed, statement] }, OCI.index);
    const all = [
      ...layoutItems(store, [exported(index, 'docker.io/library/app:1')]),
      savedItem(store, mine),
    ];
    const file = await archive(without(all, other.digest, statement.digest));
    expect(await openBoth(file, ':app:1')).toEqual({
      digest: mine.digest,
      layers: 2,
      notices: [],
    });
    const error = await failureOf(openImage(`oci-archive:${file}`, { platform: 'linux/arm64' }));
    expect(error.message).toContain(blobName(other.digest));
  });

  it('5.2 moby#47065: an OCI manifest without layers gives way to `manifest.json`', async () => {
    const store = new SampleStore();
    const whole = store.addImage('linux/amd64');
    const hollow = altered(store, whole, { layers: [] });
    const items = layoutItems(store, [exported(hollow, 'docker.io/library/app:1')]);
    const file = await archive([...items, savedItem(store, whole)]);
    const outcome = await openBoth(file);
    expect(outcome).toMatchObject({ digest: configOf(store, whole), layers: 2 });
    expect(outcome.notices).toHaveLength(1);
    expect(outcome.notices[0]).toMatch(/^odd-layout: .*manifest\.json.*0 layers.*2 diff_ids/);
  });

  it('5.3 OCI view without the wanted platform: docker, where that has it', async () => {
    const store = new SampleStore();
    const arm = store.addImage('linux/arm64');
    const amd = store.addImage('linux/amd64', ['x']);
    const items = layoutItems(store, [exported(arm, 'app:1', 'linux/arm64')]);
    const file = await archive([...items, savedItem(store, amd)]);
    const outcome = await openBoth(file);
    expect(outcome).toMatchObject({ digest: configOf(store, amd), layers: 1 });
    expect(outcome.notices[0]).toContain('there is no image for linux/amd64');
    const error = await failureOf(openImage(`oci-archive:${file}`, { platform: 'linux/s390x' }));
    expect(error.code).toBe('E_PLATFORM');
    expect(error.message).toContain('there is: linux/arm64');
  });

  it('5.2 moby#49473: neither form complete is the OCI error, with the blob and the platform', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const [lower = ''] = layersOf(store, only);
    const entry = exported(only, 'app:1', 'linux/amd64');
    const all = [...layoutItems(store, [entry]), savedItem(store, only)];
    const file = await archive(without(all, lower));
    for (const kind of KINDS) {
      const error = await failureOf(openImage(`${kind}:${file}`, AMD64));
      expect(error.code).toBe('E_ARCHIVE');
      expect(error.message).toContain(blobName(lower));
      expect(error.message).toContain('the image for linux/amd64');
    }
  });

  it('5.3 an OCI view that is damaged rather than incomplete is never passed over', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const body = 'x'.repeat(only.size);
    const items = without(layoutItems(store, [only]), only.digest);
    const file = await archive([
      ...items,
      { path: blobName(only.digest), body },
      savedItem(store, only),
    ]);
    for (const kind of KINDS) {
      const error = await failureOf(openImage(`${kind}:${file}`, AMD64));
      expect(error.code).toBe('E_DIGEST');
    }
  });

  it('5.2 socktainer#218: doubled blob paths are an error that names them', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const saved = savedItem(store, only);
    const doubled = String(saved.body).replaceAll('blobs/sha256/', 'blobs/sha256/blobs/sha256/');
    const file = await archive([
      ...layoutItems(store, []),
      { path: 'manifest.json', body: doubled },
    ]);
    const error = await failureOf(openImage(`docker-archive:${file}`, AMD64));
    expect(error.code).toBe('E_PLATFORM');
    const alone = await archive([
      ...layoutItems(store, []).filter(({ path: name }) => name !== 'index.json'),
      { path: 'manifest.json', body: doubled },
    ]);
    const second = await failureOf(openImage(`docker-archive:${alone}`, AMD64));
    expect(second.message).toContain('blobs/sha256/blobs/sha256/');
  });

  it('5.2 several images: each by its name, and one image under two names without', async () => {
    const store = new SampleStore();
    const one = store.addImage('linux/amd64', ['one']);
    const two = store.addImage('linux/amd64', ['two', 'three']);
    const names = [
      exported(one, 'docker.io/library/app:1'),
      exported(one, 'docker.io/library/app:one'),
    ];
    const alias = await archive([...layoutItems(store, names), savedItem(store, one)]);
    expect((await openBoth(alias)).digest).toBe(one.digest);
    const both = [...names, exported(two, 'docker.io/library/web:1')];
    const file = await archive([...layoutItems(store, both), savedItem(store, one)]);
    expect((await openBoth(file, ':app:one')).digest).toBe(one.digest);
    expect((await openBoth(file, ':web:1')).digest).toBe(two.digest);
    for (const selector of ['', ':1']) {
      const error = await failureOf(openImage(`oci-archive:${file}${selector}`, AMD64));
      expect(error.code, selector).toBe('E_USAGE');
    }
  });
});
