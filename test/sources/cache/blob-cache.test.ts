/** The cache of blobs: what a second build asks for, and that nothing in it is trusted. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BlobCache } from '../../../src/sources/cache/blob-cache.ts';
import { cacheInfo, pruneCache } from '../../../src/sources/cache/prune-cache.ts';
import type { SourceOptions } from '../../../src/sources/options.ts';
import { describeWith, run } from '../../support/tools.ts';
import { type FaultyRegistry, openFast, startFaultyRegistry } from '../faulty-registry.ts';
import { readLayer } from '../read-layers.ts';
import { OCI, SampleStore, sha256 } from '../sample-image.ts';

const store = new SampleStore();
const large = randomBytes(3 * 1024 * 1024);
const small = randomBytes(2000);
const [bigLayer, smallLayer] = [store.add(large, OCI.layer), store.add(small, OCI.layer)];
const config = store.add(
  {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [sha256(large), sha256(small)] },
  },
  OCI.config,
);
const root = store.add(
  { schemaVersion: 2, mediaType: OCI.manifest, config, layers: [bigLayer, smallLayer] },
  OCI.manifest,
);
const all = [root, config, bigLayer, smallLayer];

let registry: FaultyRegistry;
let folder: string;

beforeAll(async () => {
  process.env.DOCKER_CONFIG = '/nonexistent';
  registry = await startFaultyRegistry(store, root);
});
afterAll(() => registry.close());
beforeEach(async () => {
  registry.seen.length = 0;
  registry.fault = () => false;
  folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-blobs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pathOf = (digest: string): string => join(folder, 'blobs', digest.replace(':', '/'));
const kept = async (): Promise<string[]> =>
  (await readdir(join(folder, 'blobs', 'sha256')).catch(() => [])).sort();
const underWay = (): Promise<string[]> => readdir(join(folder, 'tmp')).catch(() => []);
const asked = (): string[] =>
  registry.seen.map(({ path }) => path.replace(/^.*\/v2\/team\/app\//, ''));

/** Opens the image and reads its layers as the builder does. */
async function pull(options: SourceOptions = {}, at = ':tag'): Promise<Buffer[]> {
  registry.seen.length = 0;
  const { image, close } = await openFast(registry, { cache: folder, ...options }, at);
  try {
    const bodies: Buffer[] = [];
    for (const layer of image.layers) {
      const body = await readLayer(layer).catch(async (error: unknown) => {
        if (await layer.reject?.()) return readLayer(layer);
        throw error;
      });
      await layer.accept?.();
      bodies.push(body);
    }
    return bodies;
  } finally {
    await close();
  }
}

async function expectRight(bodies: readonly Buffer[]): Promise<void> {
  expect(bodies.map((body) => sha256(body))).toEqual([bigLayer.digest, smallLayer.digest]);
  expect(await underWay()).toEqual([]);
}

describe('a second build', () => {
  it('asks once whether the tag has moved, and for nothing else', async () => {
    await expectRight(await pull());
    expect(await kept()).toEqual(all.map(({ digest }) => digest.slice('sha256:'.length)).sort());
    registry.fault = ({ method, url = '' }, response) => {
      if (method !== 'HEAD' || !url.includes('manifests')) return false;
      // containerd#7390: the type of a HEAD may be another than that of the GET.
      const type = 'application/octet-stream';
      response.writeHead(200, { 'docker-content-digest': root.digest, 'content-type': type });
      response.end();
      return true;
    };
    await expectRight(await pull());
    expect(asked().filter((path) => path !== '/v2/')).toEqual(['manifests/tag']);
  });

  it.each([
    [405, {}],
    [501, {}],
    [403, {}],
    [404, {}],
    [200, {}],
    [200, { 'content-type': 'application/octet-stream', 'docker-content-digest': 'x' }],
  ])(
    '3.1 gets the manifest where HEAD says %i %j and no digest, and no blob',
    async (status, headers) => {
      await pull();
      registry.fault = ({ method }, response) => {
        if (method !== 'HEAD') return false;
        response.writeHead(status, headers);
        response.end();
        return true;
      };
      await expectRight(await pull());
      expect(asked().filter((path) => path.startsWith('blobs/'))).toEqual([]);
    },
  );

  it('gets what a tag has now where it has moved', async () => {
    await pull();
    const moved = store.addImage('linux/amd64', ['other']);
    registry.fault = ({ method, url = '' }, response) => {
      if (!url.endsWith('manifests/tag')) return false;
      const bytes = store.blobs.get(moved.digest)!;
      response.writeHead(200, {
        'docker-content-digest': moved.digest,
        'content-type': OCI.manifest,
      });
      response.end(method === 'HEAD' ? undefined : bytes);
      return true;
    };
    expect(await pull()).toHaveLength(1);
  });

  it('asks for nothing at all by digest', async () => {
    await pull({}, `@${root.digest}`);
    await expectRight(await pull({}, `@${root.digest}`));
    expect(asked()).toEqual([]);
  });

  it('of a tag that is gone says so', async () => {
    await pull();
    registry.fault = (_request, response) => {
      response.writeHead(404);
      response.end();
      return true;
    };
    await expect(pull()).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });

  it('without a cache gets it all', async () => {
    await pull();
    await pull({ cache: false });
    expect(asked().filter((path) => path.startsWith('blobs/'))).toHaveLength(3);
  });
});

describe('what is wrong in the cache is found and replaced', () => {
  const damages: readonly [string, (path: string) => Promise<void>][] = [
    [
      'one byte changed',
      async (path) => {
        const file = await open(path, 'r+');
        await file.write(Buffer.from([0x5a, 0xa5]), 0, 2, 100);
        await file.close();
      },
    ],
    ['cut off', (path) => truncate(path, 99)],
    ['grown', (path) => appendFile(path, 'more')],
    ['empty', (path) => writeFile(path, '')],
    [
      'a symbolic link',
      async (path) => {
        await rm(path);
        await symlink('/etc/passwd', path);
      },
    ],
    [
      'a pipe',
      async (path) => {
        await rm(path);
        await run('mkfifo', [path]);
      },
    ],
  ];
  for (const [what, { digest }] of Object.entries({
    'the manifest': root,
    'the config': config,
    'a large layer': bigLayer,
    'a small layer': smallLayer,
  }))
    it.each(damages)(`${what}: %s`, async (_, damage) => {
      await pull({}, `@${root.digest}`);
      await damage(pathOf(digest));
      await expectRight(await pull({}, `@${root.digest}`));
      expect(sha256(await readFile(pathOf(digest)))).toBe(digest);
      await expectRight(await pull({}, `@${root.digest}`));
      expect(asked()).toEqual([]);
    });
});

describe('what does not come whole', () => {
  it('is not kept: wrong bytes', async () => {
    registry.fault = ({ url = '' }, response) => {
      if (!url.endsWith(bigLayer.digest)) return false;
      response.end(Buffer.from(large).fill(0, 0, 100));
      return true;
    };
    await expect(pull()).rejects.toThrow();
    expect(await kept()).not.toContain(bigLayer.digest.slice('sha256:'.length));
    expect(await underWay()).toEqual([]);
  });

  it('is not kept: a reader that stops half-way', async () => {
    const { image, close } = await openFast(registry, { cache: folder });
    for await (const _ of image.layers[0]!.open(new AbortController().signal)) break;
    await close();
    expect(await kept()).not.toContain(bigLayer.digest.slice('sha256:'.length));
    expect(await underWay()).toEqual([]);
  });

  it('is not kept: a reader that never says whether it was right', async () => {
    const { image, close } = await openFast(registry, { cache: folder });
    await readLayer(image.layers[0]!);
    expect(await underWay()).toHaveLength(1);
    await close();
    expect(await underWay()).toEqual([]);
  });

  it('is swept a day after its process was killed', async () => {
    await mkdir(join(folder, 'tmp'), { recursive: true });
    await writeFile(join(folder, 'tmp', 'old'), 'x');
    await writeFile(join(folder, 'tmp', 'new'), 'x');
    const before = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(folder, 'tmp', 'old'), before, before);
    await pull();
    expect(await underWay()).toEqual(['new']);
  });
});

describe('a cache that cannot be written', () => {
  const noticesOf = async (cache: string): Promise<string[]> => {
    const notices: string[] = [];
    const notice = ({ code }: { code: string }) => notices.push(code);
    const bodies = await pull({ cache, notice });
    expect(bodies.map((body) => sha256(body))).toEqual([bigLayer.digest, smallLayer.digest]);
    return notices;
  };

  it('is told of once, and does not matter: a file in its place', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await noticesOf(join(file, 'cache'))).toEqual(['cache-unusable']);
  });

  it('is told of once, and does not matter: a folder where a blob should be', async () => {
    await mkdir(pathOf(bigLayer.digest), { recursive: true });
    expect(await noticesOf(folder)).toEqual(['cache-unusable']);
    expect(await underWay()).toEqual([]);
  });

  describeWith({ root: true, tools: ['mount'] }, 'and is full', () => {
    it('is told of once, and does not matter', async () => {
      const full = join(folder, 'full');
      await mkdir(full);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', full]);
      try {
        expect(await noticesOf(full)).toEqual(['cache-unusable']);
        expect(await readdir(join(full, 'tmp'))).toEqual([]);
      } finally {
        await run('umount', [full]);
      }
    });
  });
});

describe('the folder', () => {
  it('is for the user alone', async () => {
    await pull({ cache: join(folder, 'new') });
    for (const name of ['', 'tmp', 'tags', 'blobs', `blobs/sha256`]) {
      const { mode } = await stat(join(folder, 'new', name));
      expect([name, (mode & 0o077).toString(8)]).toEqual([name, '0']);
    }
    const { mode } = await stat(join(folder, 'new', 'blobs', root.digest.replace(':', '/')));
    expect(mode & 0o777).toBe(0o600);
  });

  it('is never left by a digest', async () => {
    const cache = new BlobCache(folder, () => undefined);
    for (const digest of ['sha256:../../x', `sha256:${'A'.repeat(64)}`, '../x:1', ''])
      await expect(cache.find(digest)).rejects.toMatchObject({ code: 'E_DIGEST' });
  });

  it('is shared by pulls at the same time', async () => {
    const pulls = await Promise.all(Array.from({ length: 8 }, () => pull()));
    for (const bodies of pulls) await expectRight(bodies);
    expect(await kept()).toHaveLength(all.length);
  });
});

describe('looking and pruning', () => {
  it('tells what there is', async () => {
    expect(await cacheInfo({ cache: folder })).toEqual({ folder, blobs: 0, bytes: 0 });
    await pull();
    const info = await cacheInfo({ cache: folder });
    expect(info).toMatchObject({ blobs: 4, bytes: all.reduce((sum, { size }) => sum + size, 0) });
    expect(Date.parse(info.leastRecentUse!)).toBeLessThanOrEqual(Date.parse(info.mostRecentUse!));
  });

  it('removes first what was not used for the longest time', async () => {
    await pull();
    await utimes(pathOf(bigLayer.digest), 2000, 2000);
    await utimes(pathOf(smallLayer.digest), 1000, 1000);
    const bytes = all.reduce((sum, { size }) => sum + size, 0);
    const result = await pruneCache({ cache: folder, maxSize: bytes - 1 });
    expect(result).toMatchObject({ removedBlobs: 1, removedBytes: small.length, blobs: 3 });
    expect(await pruneCache({ cache: folder, maxSize: bytes })).toMatchObject({ removedBlobs: 0 });
    // Use counts, not age.
    await pull({}, `@${root.digest}`);
    await utimes(pathOf(root.digest), 3000, 3000);
    await pruneCache({ cache: folder, maxSize: large.length + small.length + config.size });
    expect(await kept()).not.toContain(root.digest.slice('sha256:'.length));
  });

  it('removes all of it, and a build that is reading goes on', async () => {
    await pull();
    const { image, close } = await openFast(registry, { cache: folder });
    const reading = image.layers[0]!.open(new AbortController().signal)[Symbol.asyncIterator]();
    const pieces = [(await reading.next()).value as Uint8Array];
    expect(await pruneCache({ cache: folder })).toMatchObject({ blobs: 0, bytes: 0 });
    for (let next = await reading.next(); !next.done; next = await reading.next())
      pieces.push(next.value);
    await close();
    expect(Buffer.concat(pieces).equals(large)).toBe(true);
    expect(await kept()).toEqual([]);
    await expectRight(await pull());
  });

  it('leaves alone what is not the cache’s', async () => {
    await pull();
    await writeFile(join(folder, 'mine'), 'x');
    await mkdir(join(folder, 'blobs', 'sha256', 'folder'));
    await pruneCache({ cache: folder });
    expect((await readdir(folder)).sort()).toEqual(['blobs', 'mine', 'tmp']);
  });

  it('refuses a size that is none', async () => {
    for (const maxSize of [-1, 1.5, Number.NaN])
      await expect(pruneCache({ cache: folder, maxSize })).rejects.toMatchObject({
        code: 'E_USAGE',
      });
  });
});

describe('a process that is killed while it downloads', () => {
  it('leaves nothing that the next one takes for a blob', async () => {
    let stopped: (() => void) | undefined;
    const halted = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    registry.fault = ({ url = '' }, response) => {
      if (!url.endsWith(bigLayer.digest)) return false;
      response.writeHead(200, { 'content-length': large.length });
      response.write(large.subarray(0, 2 * 1024 * 1024), () => stopped?.());
      return true;
    };
    const script = `
      import { openImage } from ${JSON.stringify(new URL('../../../dist/sources/open.js', import.meta.url).href)};
      const image = await openImage(process.argv[1], { cache: process.argv[2], platform: 'linux/amd64', anonymous: true });
      for await (const piece of image.layers[0].open(new AbortController().signal)) void piece;`;
    const source = `${registry.host}/team/app:tag`;
    const child = execFile(process.execPath, ['--input-type=module', '-e', script, source, folder]);
    await halted;
    await promisify(setTimeout)(200);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await kept()).not.toContain(bigLayer.digest.slice('sha256:'.length));
    registry.fault = () => false;
    const bodies = await pull();
    expect(bodies.map((body) => sha256(body))).toEqual([bigLayer.digest, smallLayer.digest]);
    await chmod(folder, 0o700);
  });
});
