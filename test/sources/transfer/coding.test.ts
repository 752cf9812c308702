import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LayerSource } from '../../../src/sources/source.ts';
import type { Fault } from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { sha256 } from '../sample-image.ts';
import { blobRegistry, MIB } from './blob-registry.ts';

/** What the builder does: reads until the digest is right, or the source knows no other way. */
async function readAsBuilder(layer: LayerSource): Promise<{ bytes: Buffer; readings: number }> {
  for (let readings = 1; ; readings += 1) {
    const pieces: Uint8Array[] = [];
    for await (const piece of layer.open(new AbortController().signal)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    if (sha256(bytes) === layer.digest || (await layer.reject?.()) !== true)
      return { bytes, readings };
  }
}

describe('4.2 a blob with a Content-Encoding', () => {
  const registry = blobRegistry(MIB);
  const { bytes } = registry;
  const { layer } = registry;
  const cacheControl: (string | undefined)[] = [];

  const answering = (coding: string, body: Buffer, hasLength: boolean): Fault => {
    cacheControl.length = 0;
    return (request, response) => {
      cacheControl.push(request.headers['cache-control']);
      const length = hasLength ? { 'content-length': body.length } : {};
      response.writeHead(200, { 'content-encoding': coding, ...length });
      response.end(body);
      return true;
    };
  };
  const read = async (): Promise<{ bytes: Buffer; readings: number }> => {
    const { image, close } = await registry.open();
    return readAsBuilder(image.layers[0]!).finally(close);
  };

  it.each([
    ['gzip', true],
    ['x-gzip', false],
    ['br', true],
    ['zstd', false],
  ])(
    'moby#17595, docker-registry#369 a label %s that nobody applied (length %s): is as it came',
    async (coding, hasLength) => {
      registry.onLayer(answering(coding, bytes, hasLength));
      const found = await read();
      expect(found.bytes.equals(bytes)).toBe(true);
      expect(found.readings).toBe(1);
      expect(registry.ranges).toEqual([undefined]);
    },
  );

  const codings: [string, (plain: Buffer) => Buffer][] = [
    ['gzip', (plain) => zlib.gzipSync(plain)],
    ['x-gzip', (plain) => zlib.gzipSync(plain)],
    ['deflate', (plain) => zlib.deflateSync(plain)],
  ];
  if ('zstdCompressSync' in zlib)
    codings.push(['zstd', zlib.zstdCompressSync as (plain: Buffer) => Buffer]);

  it.each(codings)(
    'containerd#7563 %s with its length: is decoded at once',
    async (coding, pack) => {
      registry.onLayer(answering(coding, pack(bytes), true));
      const found = await read();
      expect(found.bytes.equals(bytes)).toBe(true);
      expect(registry.ranges).toEqual([undefined]);
    },
  );

  it.each(codings)(
    'containerd#7563 %s without a length: is decoded once its digest is wrong',
    async (coding, pack) => {
      registry.onLayer(answering(coding, pack(bytes), false));
      const found = await read();
      expect(found.bytes.equals(bytes)).toBe(true);
      expect(found.readings).toBe(2);
      expect(registry.ranges).toEqual([undefined, undefined]);
    },
  );

  it('gzip that is cut: begins again without a range', async () => {
    const packed = zlib.gzipSync(bytes);
    let isFirst = true;
    registry.onLayer((request, response) => {
      if (!isFirst) return answering('gzip', packed, true)(request, response);
      isFirst = false;
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
      response.write(packed.subarray(0, 600_000), () => response.destroy());
      return true;
    });
    const found = await read();
    expect(found.bytes.equals(bytes)).toBe(true);
    expect(registry.ranges).toEqual([undefined, undefined]);
  });

  it('a bomb: is not unpacked beyond the declared size', async () => {
    registry.onLayer(answering('gzip', zlib.gzipSync(Buffer.alloc(64 * MIB)), true));
    const error = await failureOf(registry.pull());
    expect(error.code).toBe('E_SIZE');
  });

  it('br: is refused by name', async () => {
    registry.onLayer(answering('br', zlib.brotliCompressSync(bytes), true));
    const error = await failureOf(registry.pull());
    expect(error.code).toBe('E_COMPRESSION');
    expect(error.message).toContain('br');
  });

  it('gzip that is none, of another length: is a typed error', async () => {
    registry.onLayer(answering('gzip', bytes.subarray(9), true));
    const error = await failureOf(registry.pull());
    expect(error.code).toBe('E_COMPRESSION');
  });

  it('wrong bytes: one clean reading past caches, without a range, and no more', async () => {
    const wrong = Buffer.from(bytes);
    wrong[5] = (wrong[5] ?? 0) ^ 1;
    cacheControl.length = 0;
    registry.onLayer((request, response) => {
      cacheControl.push(request.headers['cache-control']);
      response.writeHead(200, { 'content-length': wrong.length });
      response.end(wrong);
      return true;
    });
    const found = await read();
    expect(found.bytes.equals(wrong)).toBe(true);
    expect(found.readings).toBe(2);
    expect(cacheControl).toEqual([undefined, 'no-cache']);
    expect(registry.ranges).toEqual([undefined, undefined]);
  });

  it('wrong bytes of a cache: the clean reading has the right ones', async () => {
    const wrong = Buffer.alloc(bytes.length);
    registry.onLayer((request, response) => {
      const isClean = request.headers['cache-control'] === 'no-cache';
      response.writeHead(200, { 'content-length': wrong.length });
      response.end(isClean ? bytes : wrong);
      return true;
    });
    const found = await read();
    expect(sha256(found.bytes)).toBe(layer.digest);
    expect(found.readings).toBe(2);
  });

  it('wrong bytes under a coding: as they came and decoded, the same past caches, and no more', async () => {
    const wrong = zlib.gzipSync(Buffer.alloc(bytes.length, 1));
    registry.onLayer(answering('gzip', wrong, false));
    const found = await read();
    expect(sha256(found.bytes)).not.toBe(layer.digest);
    expect(found.readings).toBe(4);
    expect(cacheControl).toEqual([undefined, undefined, 'no-cache', 'no-cache']);
  });

  it('is read right by the usual reader', async () => {
    const { image, close } = await registry.open();
    expect((await readLayer(image.layers[0]!)).equals(bytes)).toBe(true);
    await close();
  });
});
