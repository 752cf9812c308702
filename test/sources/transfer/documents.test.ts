import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Fault, openFast } from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { OCI } from '../sample-image.ts';
import { blobRegistry } from './blob-registry.ts';

describe('3.1 manifests as they are sent', () => {
  const registry = blobRegistry(1000);
  const { store, root } = registry;
  const document = store.json(root.digest);

  const sendManifest =
    (body: string | Buffer, headers: Record<string, string>): Fault =>
    ({ url = '' }, response) => {
      if (!url.includes('/manifests/')) return false;
      response.writeHead(200, headers);
      response.end(body);
      return true;
    };
  const digestOf = async (at: string): Promise<string | undefined> => {
    const { image, close } = await openFast(registry.server, {}, at);
    await close();
    return image.digest;
  };
  const names = [':tag', `@${root.digest}`];

  it.each(names)('oras#1626 coded on their way are decoded once (%s)', async (at) => {
    const headers = { 'content-type': OCI.manifest, 'content-encoding': 'gzip' };
    registry.server.fault = sendManifest(gzipSync(JSON.stringify(document)), headers);
    expect(await digestOf(at)).toBe(root.digest);
    expect(registry.server.seen[0]?.acceptEncoding).toBe('identity');
  });

  it.each(names)(
    'with a label of a coding that nobody applied are as they came (%s)',
    async (at) => {
      registry.server.fault = sendManifest(JSON.stringify(document), {
        'content-encoding': 'gzip',
      });
      expect(await digestOf(at)).toBe(root.digest);
    },
  );

  it('that unpack to more than a manifest may have are refused', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '));
    registry.server.fault = sendManifest(bomb, { 'content-encoding': 'gzip' });
    expect((await failureOf(digestOf(':tag'))).code).toBe('E_LIMIT');
  });

  it('helm#32247 of 5 MiB are taken', async () => {
    const annotations = { padding: 'x'.repeat(5 * 2 ** 20) };
    const { digest } = store.add({ ...document, annotations }, OCI.manifest);
    expect(await digestOf(`@${digest}`)).toBe(digest);
  });

  it('GHSA-f36w-mj3v-6jqv with a layer of a tebibyte have nothing allocated for it', async () => {
    const layers = [{ ...registry.layer, size: 2 ** 40 }];
    const { digest } = store.add({ ...document, layers }, OCI.manifest);
    const { image, close } = await openFast(registry.server, {}, `@${digest}`);
    const before = process.memoryUsage().rss;
    const error = await failureOf(readLayer(image.layers[0]!));
    expect(['E_SIZE', 'E_HTTP']).toContain(error.code);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
    await close();
  });
});
