/** One cache and several processes that fill it, read it and prune it. */

import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheInfo, pruneCache } from '../../../src/sources/cache/prune-cache.ts';
import { run } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { type FaultyRegistry, startFaultyRegistry } from '../faulty-registry.ts';
import { OCI, SampleStore, sha256 } from '../sample-image.ts';

const PROCESSES = 4;
const MIB = 2 ** 20;
const OPEN = new URL('../../../dist/sources/open.js', import.meta.url).href;

/** Reads all layers as the builder does, and prints the digests of what came, some times over. */
const READER = `
  import { createHash } from 'node:crypto';
  import { openImage } from ${JSON.stringify(OPEN)};
  const [source, cache] = process.argv.slice(1);
  const warnings = [];
  for (let times = 0; times < 5; times += 1) {
    const notice = ({ code }) => warnings.push(code);
    const image = await openImage(source, { cache, platform: 'linux/amd64', anonymous: true, notice });
    for (const layer of image.layers) {
      const hash = createHash('sha256');
      for await (const piece of layer.open(new AbortController().signal)) hash.update(piece);
      await layer.accept?.();
      console.log('sha256:' + hash.digest('hex'));
    }
    await image.close();
  }
  if (warnings.length > 0) console.log(warnings.join());`;

const path = useWorkFolder();
const store = new SampleStore();
const bodies = [randomBytes(5 * MIB), randomBytes(2 * MIB), randomBytes(1000)];
let registry: FaultyRegistry;

beforeAll(async () => {
  const layers = bodies.map((body) => store.add(body, OCI.layer));
  const rootfs = { type: 'layers', diff_ids: bodies.map(sha256) };
  const config = store.add({ architecture: 'amd64', os: 'linux', rootfs }, OCI.config);
  const manifest = { schemaVersion: 2, mediaType: OCI.manifest, config, layers };
  registry = await startFaultyRegistry(store, store.add(manifest, OCI.manifest));
});
afterAll(() => registry.close());

it.each([
  ['fill one cache', false],
  ['fill one cache while another prunes it', true],
])('several processes %s', async (_name, prunes) => {
  const cache = path(`shared-${prunes}`);
  const source = `${registry.host}/team/app:tag`;
  const args = ['--input-type=module', '-e', READER, source, cache];
  const readers = Promise.all(Array.from({ length: PROCESSES }, () => run(process.execPath, args)));
  let isDone = false;
  readers.finally(() => (isDone = true)).catch(() => undefined);
  while (prunes && !isDone) {
    await pruneCache({ cache, maxSize: MIB });
    await sleep(5);
  }
  const expected = Array.from({ length: 5 }, () => bodies.map(sha256)).flat();
  for (const { stdout } of await readers)
    expect(stdout.toString().trim().split('\n')).toEqual(expected);
  expect(await readdir(`${cache}/tmp`)).toEqual([]);
  if (!prunes) expect(await cacheInfo({ cache })).toMatchObject({ blobs: store.blobs.size });
});
