import { afterAll, beforeAll, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../../src/sources/open.ts';
import {
  PASSWORD,
  REGISTRY_NEEDS,
  type Registry,
  startRegistry,
  USERNAME,
} from '../../support/docker-registry.ts';
import { copyImage } from '../../support/skopeo.ts';
import { describeWith } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { failureOf, unpackedDigests } from '../read-layers.ts';
import { SampleStore, tagged } from '../sample-image.ts';

describeWith(REGISTRY_NEEDS, '2.6 a real pull-through cache as a mirror', () => {
  const path = useWorkFolder();
  const store = new SampleStore();
  let upstream: Registry;
  let cache: Registry;
  let expected: string[] = [];

  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    process.env.CONTAINERS_REGISTRIES_CONF = '/dev/null';
    await store.writeLayout(path('layout'), [tagged(store.addIndex(['linux/amd64']), 'many')]);
    upstream = await startRegistry(path('upstream'), { auth: 'token' });
    const to = `docker://${upstream.host}/team/app:v1`;
    await copyImage(`oci:${path('layout')}:many`, to, [...upstream.pushOptions, '--all']);
    cache = await startRegistry(path('cache'), { upstream: `http://${upstream.host}` });
    const local = await openImage(`oci:${path('layout')}:many`, { platform: 'linux/amd64' });
    expected = await unpackedDigests(local);
  }, 60_000);
  afterAll(() => Promise.all([upstream.close(), cache.close()]));

  const pull = async (options: SourceOptions = {}): Promise<string[]> => {
    const mirrors = [`${upstream.host}=${cache.host}`];
    const spec = `${upstream.host}/team/app:v1`;
    const image = await openImage(spec, { platform: 'linux/amd64', mirrors, ...options });
    try {
      return await unpackedDigests(image);
    } finally {
      await image.close();
    }
  };

  it('gives what its upstream keeps for those who log in', async () => {
    const notices: string[] = [];
    expect(await pull({ notice: ({ code }) => notices.push(code) })).toEqual(expected);
    expect(notices).toEqual([]);
    expect((await failureOf(pull({ mirrors: [] }))).code).toBe('E_AUTH');
  });

  it('is not missed when it is gone', async () => {
    await cache.close();
    const notices: string[] = [];
    const login = { username: USERNAME, password: PASSWORD };
    const digests = await pull({ ...login, notice: ({ code }) => notices.push(code) });
    expect(digests).toEqual(expected);
    expect(notices).toEqual(['mirror-failed']);
  }, 30_000);
});
