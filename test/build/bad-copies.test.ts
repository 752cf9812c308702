/** Layers that come with wrong bytes: read once more, and the image does not show it. */

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BuildEvent, BuildOptions } from '../../src/index.ts';
import {
  type Fault,
  type FaultyRegistry,
  startFaultyRegistry,
} from '../sources/faulty-registry.ts';
import { OCI, type SampleDescriptor, SampleStore, sha256 } from '../sources/sample-image.ts';
import { loadLibrary } from '../support/library.ts';
import { tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const PLAIN_LAYER = 'application/vnd.oci.image.layer.v1.tar';

describe('a layer with wrong bytes', () => {
  const path = useWorkFolder();
  const store = new SampleStore();
  const content = randomBytes(3 * 1024 * 1024);
  const lower = tar([
    { path: 'data', body: content.toString('latin1') },
    { path: 'gone', body: 'to be hidden' },
  ]);
  // The hard link keeps a file alive that the same layer hides: its content is read a second time.
  const upper = tar([
    { path: 'kept', type: 'hardlink', linkPath: 'gone' },
    { path: '.wh.gone', body: '' },
    { path: 'last', body: 'x'.repeat(100_000) },
  ]);
  const layers: SampleDescriptor[] = [
    store.add(gzipSync(lower), OCI.layer),
    store.add(upper, PLAIN_LAYER),
  ];
  const config = store.add(
    {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [sha256(lower), sha256(upper)] },
    },
    OCI.config,
  );
  const root = store.add(
    { schemaVersion: 2, mediaType: OCI.manifest, config, layers },
    OCI.manifest,
  );
  let registry: FaultyRegistry;
  let expected: Buffer;
  let count = 0;

  beforeAll(async () => {
    registry = await startFaultyRegistry(store, root);
    await build();
    expected = await readFile(path(`${count}/image.erofs`));
  });
  afterAll(() => registry.close());
  beforeEach(() => {
    registry.seen.length = 0;
    registry.fault = () => false;
  });

  const build = async (options: Partial<BuildOptions> = {}): Promise<BuildEvent[]> => {
    const { build: run } = await loadLibrary();
    const folder = path(`${++count}`);
    await mkdir(folder);
    const events: BuildEvent[] = [];
    const source = `${registry.host}/team/app:tag`;
    const onEvent = (event: BuildEvent) => events.push(event);
    const output = `${folder}/image.erofs`;
    const platform = 'linux/amd64';
    const anonymous = true;
    await run({ source, output, platform, anonymous, threads: 2, onEvent, ...options });
    return events;
  };
  const warnings = (events: readonly BuildEvent[]) =>
    events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));

  /** Answers requests for the layer with other bytes of the same length, `times` times. */
  const spoil =
    (layer: number, times: number, change: (bytes: Buffer) => void): Fault =>
    (request: IncomingMessage, response: ServerResponse) => {
      const { digest } = layers[layer]!;
      if (!request.url?.endsWith(digest) || times-- <= 0) return false;
      const bytes = Buffer.from(store.blobs.get(digest)!);
      change(bytes);
      response.writeHead(200, { 'content-length': bytes.length });
      response.end(bytes);
      return true;
    };
  const spoiled: readonly [string, number, (bytes: Buffer) => void][] = [
    ['in the middle of packed content', 0, (bytes) => bytes.fill(0x55, 1_000_000, 1_000_100)],
    ['in its first bytes', 0, (bytes) => bytes.fill(0, 0, 16)],
    ['in its last byte', 0, (bytes) => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1)],
    [
      'in the content of a plain tar',
      1,
      (bytes) => bytes.fill('y', bytes.length / 2, bytes.length / 2 + 9),
    ],
    ['in a header of a plain tar', 1, (bytes) => bytes.fill(0xff, 0, 200)],
  ];

  for (const threads of [0, 2])
    it.each(spoiled)(
      `is read once more where they are %s, with ${threads} threads`,
      async (_, layer, change) => {
        registry.fault = spoil(layer, 1, change);
        const events = await build({ threads });
        expect(warnings(events)).toContain('bad-copy');
        const image = await readFile(path(`${count}/image.erofs`));
        expect(image.equals(expected)).toBe(true);
        const readings = registry.seen.filter(({ path: url }) =>
          url.endsWith(layers[layer]!.digest),
        );
        expect(readings.length).toBeLessThanOrEqual(4);
        expect(readings.every(({ range }) => range === undefined)).toBe(true);
      },
    );

  it('is read once more where links make no sense with it, which is told by the thread that merges', async () => {
    const wrong = tar([
      { path: 'kept', type: 'hardlink', linkPath: '../../../none' },
      { path: '.wh.gone', body: '' },
      { path: 'last', body: 'x'.repeat(100_000) },
    ]);
    expect(wrong.length).toBe(upper.length);
    registry.fault = spoil(1, 1, (bytes) => bytes.set(wrong));
    expect(warnings(await build())).toContain('bad-copy');
    expect((await readFile(path(`${count}/image.erofs`))).equals(expected)).toBe(true);
  });

  it.each(spoiled)('ends the build where they stay %s', async (_, layer, change) => {
    registry.fault = spoil(layer, 99, change);
    await expect(build()).rejects.toMatchObject({
      code: 'E_DIGEST',
      place: expect.stringContaining(`instead of ${layers[layer]!.digest}`),
    });
    expect(await readdir(path(`${count}`))).toEqual([]);
  });

  it('is read once more for an image of it, and for an index', async () => {
    const { buildLayers } = await loadLibrary();
    const images = async () => {
      const folder = path(`${++count}`);
      const source = `${registry.host}/team/app:tag`;
      const only = { layer: 0, platform: 'linux/amd64', anonymous: true };
      const { images: built } = await buildLayers({ source, output: folder, ...only });
      return readFile(built[0]!.path);
    };
    const right = await images();
    registry.fault = spoil(0, 1, spoiled[0]![2]);
    expect((await images()).equals(right)).toBe(true);

    registry.fault = () => false;
    await build({ index: true });
    const index = await readFile(path(`${count}/image.erofs`));
    registry.fault = spoil(0, 1, spoiled[0]![2]);
    expect(warnings(await build({ index: true }))).toContain('bad-copy');
    expect((await readFile(path(`${count}/image.erofs`))).equals(index)).toBe(true);
  });

  it('is not read again where the layer is what its digest says, and no good', async () => {
    const bad = store.add(Buffer.from('no tar at all, nor gzip'), OCI.layer);
    const other = store.add(
      { schemaVersion: 2, mediaType: OCI.manifest, config, layers: [bad, layers[1]!] },
      OCI.manifest,
    );
    registry.fault = () => false;
    const source = `${registry.host}/team/app@${other.digest}`;
    await expect(build({ source })).rejects.toMatchObject({ category: 'input' });
    expect(registry.seen.filter(({ path: url }) => url.endsWith(bad.digest))).toHaveLength(1);
  });
});
