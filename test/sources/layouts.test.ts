import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../src/sources/open.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { failureOf, unpackedDigests } from './read-layers.ts';
import { OCI, type SampleDescriptor, SampleStore, tagged } from './sample-image.ts';

const AMD64: SourceOptions = { platform: 'linux/amd64' };

describe('OCI layouts', () => {
  const path = useWorkFolder();
  let made = 0;

  /** Writes a layout and returns its folder. */
  const layout = async (store: SampleStore, entries: readonly object[]): Promise<string> => {
    const folder = path(`layout-${made++}`);
    await store.writeLayout(folder, entries);
    return folder;
  };
  const digestOf = async (spec: string, options: SourceOptions = AMD64) => {
    const image = await openImage(spec, options);
    await unpackedDigests(image);
    await image.close();
    return image.digest;
  };
  const blobFile = (folder: string, { digest }: SampleDescriptor) =>
    join(folder, 'blobs', digest.replace(':', '/'));

  it('are read with one image', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const folder = await layout(store, [only]);
    expect(await digestOf(`oci:${folder}`)).toBe(only.digest);
    expect(await digestOf(`oci:${folder}@${only.digest}`)).toBe(only.digest);
    const image = await openImage(`oci:${folder}`, AMD64);
    expect(image).toMatchObject({ platform: 'linux/amd64', created: '2024-05-06T07:08:09Z' });
    await image.close();
  });

  it('are read by tag, by full name and by digest', async () => {
    const store = new SampleStore();
    const one = store.addImage('linux/amd64', ['a']);
    const two = store.addImage('linux/amd64', ['b']);
    const folder = await layout(store, [tagged(one, '1.0'), tagged(two, 'reg.example/app:2.0')]);
    expect(await digestOf(`oci:${folder}:1.0`)).toBe(one.digest);
    expect(await digestOf(`oci:${folder}:reg.example/app:2.0`)).toBe(two.digest);
    expect(await digestOf(`oci:${folder}:2.0`)).toBe(two.digest);
    expect(await digestOf(`oci:${folder}@${two.digest}`)).toBe(two.digest);
    const several = await failureOf(openImage(`oci:${folder}`, AMD64));
    expect(several.code).toBe('E_USAGE');
    expect(several.message).toContain('1.0, reg.example/app:2.0');
    const none = await failureOf(openImage(`oci:${folder}:3.0`, AMD64));
    expect(none.code).toBe('E_NOT_FOUND');
    expect(none.message).toContain('1.0, reg.example/app:2.0');
  });

  it('are read by platform, through nested indexes and past attestations', async () => {
    const store = new SampleStore();
    const attestation = {
      ...store.addImage('unknown/unknown', ['statement']),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const inner = store.addIndex(['linux/amd64', 'linux/arm64'], [attestation]);
    const outer = store.add({ schemaVersion: 2, manifests: [inner] }, OCI.index);
    const folder = await layout(store, [tagged(outer, 'latest')]);
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      const image = await openImage(`oci:${folder}:latest`, { platform });
      expect(image.platform).toBe(platform);
      await image.close();
    }
    const error = await failureOf(openImage(`oci:${folder}`, { platform: 'linux/riscv64' }));
    expect(error.code).toBe('E_PLATFORM');
    expect(error.message).toMatch(/there is: linux\/amd64, linux\/arm64$/);
  });

  it('are refused when their indexes nest for ever', async () => {
    const store = new SampleStore();
    let inner = store.addIndex(['linux/amd64']);
    for (let depth = 0; depth < 6; depth += 1)
      inner = store.add({ schemaVersion: 2, manifests: [inner] }, OCI.index);
    const error = await failureOf(openImage(`oci:${await layout(store, [inner])}`, AMD64));
    expect(error.code).toBe('E_LIMIT');
  });

  it('take an entry without a platform only when it is alone, and look into its config', async () => {
    const store = new SampleStore();
    const bare = store.addImage('linux/s390x');
    const typed = {
      ...store.addImage('linux/amd64'),
      platform: { os: 'linux', architecture: 'amd64' },
    };
    const index = store.add({ schemaVersion: 2, manifests: [typed, bare] }, OCI.index);
    const folder = await layout(store, [index]);
    expect(await digestOf(`oci:${folder}`, { platform: 'linux/s390x' })).toBe(bare.digest);
    const error = await failureOf(openImage(`oci:${folder}`, { platform: 'linux/arm64' }));
    expect(error.code).toBe('E_PLATFORM');
    expect(error.message).toContain('linux/amd64, (no platform)');
  });

  it('of one other platform are refused only when another was asked for', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/s390x');
    const folder = await layout(store, [only]);
    const error = await failureOf(openImage(`oci:${folder}`, AMD64));
    expect(error.code).toBe('E_PLATFORM');
    expect(error.message).toMatch(/linux\/amd64.*linux\/s390x/);
    const notices: string[] = [];
    const image = await openImage(`oci:${folder}`, { notice: ({ code }) => notices.push(code) });
    expect(image.platform).toBe('linux/s390x');
    expect(notices).toEqual(['other-platform']);
    await image.close();
  });

  it.each([
    [
      'more layers than diff_ids',
      (store: SampleStore) => {
        const base = store.addImage('linux/amd64', ['a', 'b']);
        const manifest = store.json(base.digest) as { layers: object[] };
        return store.add({ ...manifest, layers: manifest.layers.slice(1) }, OCI.manifest);
      },
      'E_CONFIG',
    ],
    [
      'a manifest of another size',
      (store: SampleStore) => ({ ...store.addImage('linux/amd64'), size: 5 }),
      'E_SIZE',
    ],
    [
      'a vast manifest',
      (store: SampleStore) => ({ ...store.addImage('linux/amd64'), size: 2 ** 40 }),
      'E_LIMIT',
    ],
    [
      'an algorithm nobody knows',
      (store: SampleStore) => ({ ...store.addImage('linux/amd64'), digest: 'blake3:abcdef' }),
      'E_DIGEST',
    ],
    [
      'a digest that is a path',
      (store: SampleStore) => ({ ...store.addImage('linux/amd64'), digest: 'sha256:../../x' }),
      'E_MANIFEST',
    ],
  ])('are refused with %s', async (_name, make, code) => {
    const store = new SampleStore();
    const entry = make(store);
    const error = await failureOf(openImage(`oci:${await layout(store, [entry])}`, AMD64));
    expect(error.code).toBe(code);
  });

  it.each([
    ['is missing', async (file: string) => rm(file), 'E_NOT_FOUND'],
    [
      'is another',
      async (file: string, size: number) => writeFile(file, 'x'.repeat(size)),
      'E_DIGEST',
    ],
    ['is shorter', async (file: string) => writeFile(file, 'x'), 'E_SIZE'],
    [
      'is a link to elsewhere',
      async (file: string) => {
        await rm(file);
        await symlink('/etc/hostname', file);
      },
      'E_PATH',
    ],
    [
      'is a named pipe',
      async (file: string) => {
        await rm(file);
        await run('mkfifo', [file]);
      },
      'E_SOURCE',
    ],
  ])('are refused when a blob %s', async (_name, damage, code) => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const folder = await layout(store, [only]);
    await damage(blobFile(folder, only), only.size);
    const error = await failureOf(openImage(`oci:${folder}`, AMD64));
    expect(error.code).toBe(code);
  });

  it('may have links between their blobs', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const folder = await layout(store, [only]);
    const file = blobFile(folder, only);
    await run('mv', [file, join(folder, 'blobs', 'kept')]);
    await symlink('../kept', file);
    expect(await digestOf(`oci:${folder}`)).toBe(only.digest);
  });

  it.each([
    ['nothing', {}, 'E_ARCHIVE'],
    ['no index', { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' }, 'E_NOT_FOUND'],
    ['another version', { 'oci-layout': '{"imageLayoutVersion":"2.0"}' }, 'E_ARCHIVE'],
    [
      'a manifest for an index',
      {
        'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
        'index.json': '{"schemaVersion":2,"layers":[],"config":{}}',
      },
      'E_MANIFEST',
    ],
  ])('are refused with %s in the folder', async (_name, files, code) => {
    const folder = path(`odd-${made++}`);
    await run('mkdir', [folder]);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const error = await failureOf(openImage(`oci:${folder}`, AMD64));
    expect(error.code).toBe(code);
  });

  it('are read with the names of several transports in their path', async () => {
    const store = new SampleStore();
    const only = store.addImage('linux/amd64');
    const folder = path('a:b@c');
    await store.writeLayout(folder, [tagged(only, 'tag')]);
    expect(await digestOf(`oci:${folder}`)).toBe(only.digest);
    expect(await digestOf(`oci:${folder}:tag`)).toBe(only.digest);
    const error = await failureOf(openImage(`oci:${path('none')}:tag`, AMD64));
    expect(error.code).toBe('E_NOT_FOUND');
  });

  describe('in archives', () => {
    const items = (store: SampleStore, entries: readonly object[]): TarItem[] => [
      ...[...store.blobs].map(([digest, body]) => ({
        path: `./blobs/${digest.replace(':', '/')}`,
        body,
      })),
      { path: 'index.json', body: JSON.stringify({ schemaVersion: 2, manifests: entries }) },
      { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
    ];
    const archive = async (bytes: Uint8Array): Promise<string> => {
      const file = path(`archive-${made++}.tar`);
      await writeFile(file, bytes);
      return file;
    };

    it('are read in any order, with the index at the end', async () => {
      const store = new SampleStore();
      const only = store.addImage('linux/amd64');
      const list = items(store, [tagged(only, 'tag')]);
      for (const order of [list, [...list].reverse()]) {
        const file = await archive(tar([{ path: './blobs/' }, ...order]));
        expect(await digestOf(`oci-archive:${file}`)).toBe(only.digest);
        expect(await digestOf(`oci-archive:${file}:tag`)).toBe(only.digest);
      }
    });

    it('are read with long names, links and no end', async () => {
      const store = new SampleStore();
      const only = store.addImage('linux/amd64');
      const long = `${'d'.repeat(120)}/${'e'.repeat(120)}`;
      const [first, ...rest] = items(store, [only]);
      const linked: TarItem[] = [
        { path: long, body: first?.body ?? '' },
        { path: first?.path ?? '', type: 'symlink', linkPath: `../../${long}` },
      ];
      const file = await archive(tar([...linked, ...rest], { end: false }));
      expect(await digestOf(`oci-archive:${file}`)).toBe(only.digest);
    });

    it.each([
      ['compressed as a whole', (list: TarItem[]) => gzipSync(tar(list)), /gzip -d/],
      ['not a tar', () => Buffer.from('hello '.repeat(200)), /not a tar/],
      ['empty', () => Buffer.alloc(0), /no `index.json`/],
      ['short', (list: TarItem[]) => tar(list).subarray(0, 700), /no `index.json`|ends/],
      ['without an index', (list: TarItem[]) => tar(list.slice(0, -2)), /no `index.json`/],
      [
        'with two indexes',
        (list: TarItem[]) => tar([...list, { path: './index.json', body: '{}' }]),
        /twice/,
      ],
      ['without a blob', (list: TarItem[]) => tar(list.slice(-2)), /no file `blobs/],
      [
        'with a link out of it',
        (list: TarItem[]) =>
          tar([
            ...list.filter(({ path }) => path !== 'index.json'),
            { path: 'index.json', linkPath: '../../etc/passwd' },
          ]),
        /out of the archive/,
      ],
      [
        'with a link to itself',
        (list: TarItem[]) =>
          tar([
            ...list.filter(({ path }) => path !== 'index.json'),
            { path: 'index.json', linkPath: 'index.json' },
          ]),
        /lead nowhere/,
      ],
    ])('are refused when %s', async (_name, make, message) => {
      const store = new SampleStore();
      const only = store.addImage('linux/amd64');
      const file = await archive(make(items(store, [only])));
      const error = await failureOf(openImage(`oci-archive:${file}`, AMD64));
      expect(error.message).toMatch(message);
    });

    it('that are cut at any block end in a result or a typed error', async () => {
      const store = new SampleStore();
      const only = store.addImage('linux/amd64');
      const whole = tar(items(store, [only]));
      const file = await archive(whole);
      for (let length = 0; length < whole.length; length += 256) {
        await writeFile(file, whole.subarray(0, length));
        const outcome = await openImage(`oci-archive:${file}`, AMD64).then(
          (image) => unpackedDigests(image).finally(() => image.close()),
          (error: unknown) => error,
        );
        if (!Array.isArray(outcome)) expect(outcome).toHaveProperty('code');
      }
    });
  });
});
