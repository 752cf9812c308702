import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type FaultyRegistry,
  openFast,
  sendJson,
  sendRange,
  startFaultyRegistry,
} from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { OCI, SampleStore, sampleLayer } from '../sample-image.ts';

const LOGIN = { username: 'canary-user', password: 'canary-password' } as const;
const FOREIGN = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';

describe('3.5 foreign `urls`', () => {
  const { packed, diffId } = sampleLayer('licensed', 'not for everybody\n');
  const elsewhere = new SampleStore();
  const layer = elsewhere.add(packed, FOREIGN);
  const servers: FaultyRegistry[] = [];
  let away: FaultyRegistry;
  let further: FaultyRegistry;

  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    away = await startFaultyRegistry(elsewhere, layer);
    further = await startFaultyRegistry(elsewhere, layer);
    servers.push(away, further);
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));
  beforeEach(() => {
    for (const server of [away, further]) {
      server.seen.length = 0;
      server.fault = (request, response) => sendRange(packed, 'x', request, response);
    }
  });

  /** A registry that wants a login, and has the image's documents; the layer too where it is `kept`. */
  const registryWith = async (
    fields: object,
    { isKept = false, mediaType = FOREIGN } = {},
  ): Promise<FaultyRegistry> => {
    const store = new SampleStore();
    const rootfs = { type: 'layers', diff_ids: [diffId] };
    const config = store.add({ architecture: 'amd64', os: 'linux', rootfs }, OCI.config);
    const layers = [{ ...layer, mediaType, ...fields }];
    if (isKept) store.add(packed, mediaType);
    const manifest = { schemaVersion: 2, mediaType: OCI.manifest, config, layers };
    const registry = await startFaultyRegistry(store, store.add(manifest, OCI.manifest));
    servers.push(registry);
    registry.fault = ({ headers }, response) =>
      headers.authorization === undefined &&
      sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
    return registry;
  };
  const pull = async (registry: FaultyRegistry): Promise<Buffer> => {
    const { image, close } = await openFast(registry, LOGIN);
    return readLayer(image.layers[0]!).finally(close);
  };
  const blobRequests = ({ seen }: FaultyRegistry): number =>
    seen.filter(({ path }) => path.includes(layer.digest)).length;

  it.each([
    FOREIGN,
    'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.docker.image.rootfs.foreign.diff.tar',
  ])('CVE-2020-15157 %s: asked after the registry, without a login', async (mediaType) => {
    const registry = await registryWith({ urls: [`${away.url}/layer?x=1`] }, { mediaType });
    expect((await pull(registry)).equals(packed)).toBe(true);
    expect(blobRequests(registry)).toBe(1);
    expect(away.seen).toMatchObject([{ path: '/layer?x=1', authorization: undefined }]);
  });

  it('are not asked for what the registry has', async () => {
    const registry = await registryWith({ urls: [`${away.url}/layer`] }, { isKept: true });
    expect((await pull(registry)).equals(packed)).toBe(true);
    expect(away.seen).toEqual([]);
  });

  it('are not asked for a layer that any registry may keep', async () => {
    const registry = await registryWith({ urls: [`${away.url}/layer`] }, { mediaType: OCI.layer });
    expect((await failureOf(pull(registry))).code).toBe('E_NOT_FOUND');
    expect(away.seen).toEqual([]);
  });

  it('are asked in order, until one has it', async () => {
    away.fault = (_request, response) => sendJson(response, 403, {});
    const urls = ['ftp://127.0.0.1/x', `${away.url}/gone`, `${further.url}/layer`];
    const registry = await registryWith({ urls });
    expect((await pull(registry)).equals(packed)).toBe(true);
    expect(away.seen).toHaveLength(1);
    expect(further.seen).toHaveLength(1);
  });

  it('go on where the one before broke off for good', async () => {
    away.fault = (_request, response) => {
      response.writeHead(200, { 'content-length': packed.length });
      response.write(packed.subarray(0, 50), () => response.destroy());
      return true;
    };
    const registry = await registryWith({ urls: [`${away.url}/a`, `${further.url}/b`] });
    expect((await pull(registry)).equals(packed)).toBe(true);
    expect(further.seen.map(({ range }) => range)).toEqual([`bytes=50-${packed.length - 1}`]);
  });

  it.each([
    ['file:///etc/passwd', /only http and https/],
    ['ftp://example.com/x', /only http and https/],
    ['data:text/plain,x', /only http and https/],
    ['//example.com/x', /not a whole URL/],
    ['layers/x', /not a whole URL/],
    ['http://me:canary@127.0.0.1/x', /user name/],
  ])('%s is refused', async (url, message) => {
    const error = await failureOf(pull(await registryWith({ urls: [url] })));
    expect(error.code).toBe('E_POLICY');
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('canary');
  });

  it('with other bytes are found out', async () => {
    away.fault = (_request, response) => {
      response.end(Buffer.alloc(packed.length));
      return true;
    };
    const registry = await registryWith({ urls: [`${away.url}/layer`] });
    await expect(pull(registry)).rejects.toThrow();
    expect(away.seen).toHaveLength(1);
  });
});
