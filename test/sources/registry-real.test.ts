import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../src/sources/open.ts';
import {
  PASSWORD,
  REGISTRY_NEEDS,
  type Registry,
  startRegistry,
  USERNAME,
} from '../support/docker-registry.ts';
import { copyImage } from '../support/skopeo.ts';
import { describeWith } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { everythingSaid, failureOf, readLayer, unpackedDigests } from './read-layers.ts';
import { SampleStore, tagged } from './sample-image.ts';

describeWith(REGISTRY_NEEDS, 'a real registry', () => {
  const path = useWorkFolder();
  const store = new SampleStore();
  const single = store.addImage('linux/amd64');
  const multi = store.addIndex(['linux/amd64', 'linux/arm64', 'linux/arm/v6']);
  const untyped = store.addImage('linux/amd64', ['only'], { mediaType: undefined });
  const amd64 = { platform: 'linux/amd64' } as const;
  const login = { username: USERNAME, password: PASSWORD } as const;
  let expected: string[] = [];
  let emptyHome = '';

  beforeAll(async () => {
    const entries = [tagged(single, 'one'), tagged(multi, 'many'), tagged(untyped, 'untyped')];
    await store.writeLayout(path('layout'), entries);
    emptyHome = path('empty-home');
    await mkdir(emptyHome);
    process.env.DOCKER_CONFIG = emptyHome;
    const image = await openImage(`oci:${path('layout')}:one`, amd64);
    expected = await unpackedDigests(image);
    expect(expected).toHaveLength(2);
  });

  const push = async (registry: Registry, name: string, format: string, repository: string) => {
    const options = [...registry.pushOptions, '--all', '--format', format];
    const to = `docker://${registry.host}/${repository}:${name}-${format}`;
    await copyImage(`oci:${path('layout')}:${name}`, to, options);
  };

  const pullDigests = async (spec: string, options: SourceOptions) => {
    const image = await openImage(spec, options);
    try {
      return await unpackedDigests(image);
    } finally {
      await image.close();
    }
  };

  describe('without authentication', () => {
    let registry: Registry;
    beforeAll(async () => {
      registry = await startRegistry(path('open'));
      for (const format of ['oci', 'v2s2']) {
        await push(registry, 'one', format, 'team/app');
        await push(registry, 'many', format, 'team/app');
      }
      await copyImage(
        `oci:${path('layout')}:untyped`,
        `docker://${registry.host}/team/app:untyped`,
      );
    });
    afterAll(() => registry?.close());

    it.each(['oci', 'v2s2'])('serves an image as %s', async (format) => {
      const image = await openImage(`docker://${registry.host}/team/app:one-${format}`, amd64);
      expect(image.reference).toBe(`${registry.host}/team/app:one-${format}`);
      expect(image.digest).toMatch(/^sha256:[a-f0-9]{64}$/);
      if (format === 'oci') expect(image.digest).toBe(single.digest);
      expect(image.created).toBe('2024-05-06T07:08:09Z');
      expect(image.platform).toBe('linux/amd64');
      expect(image.layers.map(({ index }) => index)).toEqual([0, 1]);
      expect(await unpackedDigests(image)).toEqual(expected);
      const again = await readLayer(image.layers[0]!);
      expect(again.length).toBe(image.layers[0]?.size);
      await image.close();
      await image.close();
    });

    it.each(['oci', 'v2s2'])('serves the right platform of an index as %s', async (format) => {
      const spec = `${registry.host}/team/app:many-${format}`;
      for (const platform of ['linux/amd64', 'linux/arm64', 'linux/arm/v6']) {
        const image = await openImage(spec, { platform });
        expect(image.platform).toBe(platform);
        expect(new Set(await unpackedDigests(image)).size).toBe(2);
        await image.close();
      }
      const served = await openImage(spec, { platform: 'linux/arm/v7' });
      expect(served.platform).toBe('linux/arm/v6');
      await served.close();
      const error = await failureOf(openImage(spec, { platform: 'linux/s390x' }));
      expect(error.code).toBe('E_PLATFORM');
      expect(error.message).toContain('linux/amd64, linux/arm64, linux/arm/v6');
    });

    it('serves by digest, and a manifest without a media type', async () => {
      const spec = `${registry.host}/team/app@${single.digest}`;
      expect(await pullDigests(spec, amd64)).toEqual(expected);
      expect(await pullDigests(`${registry.host}/team/app:untyped`, amd64)).toHaveLength(1);
    });

    it('serves one layer alone', async () => {
      const spec = `${registry.host}/team/app:one-oci`;
      const upper = await openImage(spec, { ...amd64, layer: 1 });
      expect(upper.layers).toHaveLength(1);
      expect(upper.layers[0]?.index).toBe(1);
      expect(upper.digest).toBe(upper.layers[0]?.digest);
      expect(await unpackedDigests(upper)).toEqual(expected.slice(1));
      const same = await openImage(spec, { ...amd64, blob: upper.digest! });
      expect(same.layers[0]?.diffId).toBe(upper.layers[0]?.diffId);
      await Promise.all([upper.close(), same.close()]);
      const beyond = await failureOf(openImage(spec, { ...amd64, layer: 2 }));
      expect(beyond.code).toBe('E_USAGE');
      expect(beyond.message).toContain('layers 0 to 1');
      const unknown = await failureOf(
        openImage(spec, { ...amd64, blob: `sha256:${'0'.repeat(64)}` }),
      );
      expect(unknown.code).toBe('E_NOT_FOUND');
      expect(unknown.message).toContain(upper.digest);
    });

    it('says what it does not have', async () => {
      const error = await failureOf(openImage(`${registry.host}/team/app:none`, amd64));
      expect(error.code).toBe('E_NOT_FOUND');
      expect(error.message).toContain('MANIFEST_UNKNOWN');
      expect(error.message).toContain(emptyHome);
      const other = await failureOf(
        openImage(`${registry.host}/team/app:one-oci`, { platform: 'linux/arm64' }),
      );
      expect(other.code).toBe('E_PLATFORM');
      expect(other.message).toMatch(/linux\/arm64.*linux\/amd64/);
    });
  });

  describe('with a password', () => {
    let registry: Registry;
    beforeAll(async () => {
      registry = await startRegistry(path('basic'), { auth: 'basic' });
      await push(registry, 'one', 'oci', 'team/app');
    });
    afterAll(() => registry?.close());

    it('lets the user in', async () => {
      const spec = `${registry.host}/team/app:one-oci`;
      expect(await pullDigests(spec, { ...amd64, ...login })).toEqual(expected);
    });

    it('finds the login where Docker stores it', async () => {
      const auth = Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64');
      const entries = [
        { [registry.host]: { auth } },
        { [registry.host]: { auth: auth.replace(/=+$/, '') } },
        { [`https://${registry.host}/v1/`]: { auth } },
        { [registry.host]: { username: USERNAME, password: PASSWORD } },
      ];
      for (const [index, auths] of entries.entries()) {
        const home = path(`home-${index}`);
        await mkdir(home);
        await writeFile(`${home}/config.json`, JSON.stringify({ auths }));
        process.env.DOCKER_CONFIG = home;
        const spec = `${registry.host}/team/app:one-oci`;
        expect(await pullDigests(spec, amd64)).toEqual(expected);
        const error = await failureOf(openImage(spec, { ...amd64, anonymous: true }));
        expect(error.code).toBe('E_AUTH');
      }
      process.env.DOCKER_CONFIG = emptyHome;
    });

    it('keeps others out, and says where it looked', async () => {
      const spec = `${registry.host}/team/app:one-oci`;
      const nobody = await failureOf(openImage(spec, amd64));
      expect(nobody.code).toBe('E_AUTH');
      expect(nobody.message).toContain(registry.host);
      expect(nobody.message).toContain(emptyHome);
      const wrong = await failureOf(
        openImage(spec, { ...amd64, username: USERNAME, password: 'wrong-canary' }),
      );
      expect(wrong.code).toBe('E_AUTH');
      expect(wrong.message).toContain('the options');
      expect(everythingSaid(wrong)).not.toContain('wrong-canary');
    });
  });

  describe.each(['ES256', 'RS256'] as const)('with %s tokens', (algorithm) => {
    let registry: Registry;
    beforeAll(async () => {
      const field = algorithm === 'ES256' ? 'token' : 'access_token';
      const token = { algorithm, field, expiresIn: 300 } as const;
      registry = await startRegistry(path(`token-${algorithm}`), { auth: 'token', token });
      await push(registry, 'one', 'oci', 'public/app');
      await push(registry, 'one', 'v2s2', 'private/app');
    });
    afterAll(() => registry?.close());

    it('serves anybody what is public, with a single token', async () => {
      const before = registry.tokenServer?.requests.length ?? 0;
      const image = await openImage(`${registry.host}/public/app:one-oci`, amd64);
      const layers = await Promise.all(
        [...image.layers, ...image.layers].map((layer) => readLayer(layer)),
      );
      expect(layers).toHaveLength(4);
      await image.close();
      const requests = registry.tokenServer?.requests.slice(before) ?? [];
      expect(requests).toHaveLength(1);
      expect(requests[0]?.authorization).toBeUndefined();
      expect(requests[0]?.query.get('service')).toBe('test-registry');
      expect(requests[0]?.query.getAll('scope')).toEqual(['repository:public/app:pull']);
    });

    it('serves its users what is private', async () => {
      const spec = `${registry.host}/private/app:one-v2s2`;
      expect(await pullDigests(spec, { ...amd64, ...login })).toEqual(expected);
      const nobody = await failureOf(openImage(spec, amd64));
      expect(nobody.code).toBe('E_AUTH');
      expect(nobody.message).toContain(emptyHome);
      const wrong = await failureOf(
        openImage(spec, { ...amd64, username: USERNAME, password: 'wrong-canary' }),
      );
      expect(wrong.code).toBe('E_AUTH');
      expect(wrong.message).toContain('wrong password');
      expect(everythingSaid(wrong)).not.toContain('wrong-canary');
    });
  });

  describe('with a certificate of its own', () => {
    let registry: Registry;
    beforeAll(async () => {
      registry = await startRegistry(path('tls'), { auth: 'basic', tls: true });
      await push(registry, 'one', 'oci', 'team/app');
    });
    afterAll(() => registry?.close());

    it('is refused, unless it is allowed', async () => {
      const spec = `${registry.host}/team/app:one-oci`;
      const error = await failureOf(openImage(spec, { ...amd64, ...login }));
      expect(error.code).toBe('E_NETWORK');
      expect(error.message).toContain('certificate');
      expect(everythingSaid(error)).not.toContain(PASSWORD);
      const allowed = { ...amd64, ...login, insecure: true };
      expect(await pullDigests(spec, allowed)).toEqual(expected);
    });
  });
});
