import { writeFile } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openImage } from '../../src/sources/open.ts';
import { REGISTRY_NEEDS, startRegistry } from '../support/docker-registry.ts';
import { copyImage } from '../support/skopeo.ts';
import { tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { failureOf, readLayer, unpackedDigests } from './read-layers.ts';
import { SampleStore, tagged } from './sample-image.ts';

const NEVER = new AbortController().signal;

describe('spellings of images', () => {
  it.each([
    ['', 'E_REFERENCE', /empty/],
    ['docker-daemon:alpine:latest', 'E_USAGE', /docker-daemon:.*oci-archive/],
    ['containers-storage:[overlay@/var/lib]x', 'E_USAGE', /containers-storage:/],
    ['dir:/some/where', 'E_USAGE', /dir:/],
    ['file:///x', 'E_USAGE', /file:/],
    ['https://user:canary@example.com/x', 'E_REFERENCE', /remove the scheme/],
    ['docker://https://example.com/x', 'E_REFERENCE', /remove the scheme/],
    ['user:canary@example.com/x', 'E_REFERENCE', /host/],
    ['./image.tar', 'E_USAGE', /needs its kind/],
    ['/images/image.tar.gz', 'E_USAGE', /needs its kind/],
    ['Debian', 'E_REFERENCE', /lower case/],
    ['oci:', 'E_USAGE', /needs a file name/],
    ['tar:', 'E_USAGE', /needs a file name/],
    ['oci:-', 'E_USAGE', /standard input/],
    ['docker-archive:/nonexistent/file.tar:x', 'E_NOT_FOUND', /nonexistent/],
    ['tar:/nonexistent', 'E_NOT_FOUND', /nonexistent/],
    ['tar:/etc', 'E_SOURCE', /folder/],
    ['oci:/etc/hostname', 'E_SOURCE', /oci-archive/],
    [`oci:${'a:'.repeat(5000)}`, 'E_USAGE', /longer/],
  ])('%s is refused', async (spec, code, message) => {
    const error = await failureOf(openImage(spec));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('canary');
  });

  it('are refused with a platform that is none', async () => {
    const error = await failureOf(openImage('tar:-', { platform: 'a/b/c/d' }));
    expect(error.code).toBe('E_USAGE');
  });

  it('are not followed once cancelled', async () => {
    const error = await failureOf(openImage('tar:-', { signal: AbortSignal.abort() }));
    expect(error.code).toBe('E_ABORTED');
  });
});

describe('bare tars', () => {
  const path = useWorkFolder();
  const bytes = tar([{ path: 'x', body: 'x'.repeat(600_000) }]);

  it('are one layer without digests', async () => {
    await writeFile(path('x.tar'), bytes);
    const image = await openImage(`tar:${path('x.tar')}`);
    expect(image.digest).toBeUndefined();
    expect(image.layers).toHaveLength(1);
    const [layer] = image.layers;
    expect(layer).toMatchObject({ index: 0, size: bytes.length });
    for (let times = 0; times < 2; times += 1)
      expect((await readLayer(layer!)).equals(bytes)).toBe(true);
    await image.close();
    await image.close();
    const same = await openImage(`tar:${path('x.tar')}`, { layer: 0 });
    expect(same.layers).toHaveLength(1);
    await same.close();
  });

  it('that shrink while they are read are noticed', async () => {
    await writeFile(path('shrinking.tar'), bytes);
    const image = await openImage(`tar:${path('shrinking.tar')}`);
    await writeFile(path('shrinking.tar'), bytes.subarray(0, 1000));
    const error = await failureOf(readLayer(image.layers[0]!));
    expect(error.code).toBe('E_TRUNCATED');
    await image.close();
  });

  it('come from standard input once', async () => {
    const stdin = Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]);
    const image = await openImage('tar:-', { stdin });
    const [layer] = image.layers;
    expect(layer?.once).toBe(true);
    expect((await readLayer(layer!)).equals(bytes)).toBe(true);
    await expect((async () => readLayer(layer!))()).rejects.toMatchObject({ code: 'E_SOURCE' });
    await image.close();
  });

  it('come from a named pipe once', async () => {
    await run('mkfifo', [path('pipe')]);
    const image = await openImage(`tar:${path('pipe')}`);
    expect(image.layers[0]?.once).toBe(true);
    const [read] = await Promise.all([readLayer(image.layers[0]!), writeFile(path('pipe'), bytes)]);
    expect(read.equals(bytes)).toBe(true);
    await image.close();
  });

  it('from a silent input can be cancelled', async () => {
    const image = await openImage('tar:-', { stdin: new PassThrough() });
    const controller = new AbortController();
    const reading = failureOf(readLayer(image.layers[0]!, controller.signal));
    await sleep(20);
    controller.abort();
    expect((await reading).code).toBe('E_ABORTED');
  });

  it('from an input that breaks are a typed error', async () => {
    const stdin = new PassThrough();
    const image = await openImage('tar:-', { stdin });
    const reading = failureOf(readLayer(image.layers[0]!));
    stdin.destroy(new Error('broken'));
    expect((await reading).code).toBe('E_SOURCE');
  });

  it('can be left in the middle', async () => {
    await writeFile(path('left.tar'), bytes);
    const image = await openImage(`tar:${path('left.tar')}`);
    for await (const _chunk of image.layers[0]!.open(NEVER)) break;
    await image.close();
  });
});

describeWith(REGISTRY_NEEDS, 'the same image by every road', () => {
  const path = useWorkFolder();
  const store = new SampleStore();
  const only = store.addImage('linux/amd64', ['one', 'two', 'three']);

  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    await store.writeLayout(path('layout'), [tagged(only, 'tag')]);
  });

  it('has the same layers', async () => {
    const registry = await startRegistry(path('registry'));
    const from = `oci:${path('layout')}:tag`;
    const roads = [
      ['oci', `oci:${path('copy')}:tag`, `oci:${path('copy')}:tag`],
      ['oci-archive', `oci-archive:${path('oci.tar')}:tag`, `oci-archive:${path('oci.tar')}`],
      [
        'docker-archive',
        `docker-archive:${path('docker.tar')}:team/app:tag`,
        `docker-archive:${path('docker.tar')}:team/app:tag`,
      ],
      ['registry', `docker://${registry.host}/team/app:tag`, `${registry.host}/team/app:tag`],
    ] as const;
    try {
      const direct = await openImage(from, { platform: 'linux/amd64' });
      const expected = await unpackedDigests(direct);
      expect(expected).toHaveLength(3);
      for (const [, to, spec] of roads) {
        await copyImage(from, to);
        const image = await openImage(spec, { platform: 'linux/amd64' });
        expect(await unpackedDigests(image), spec).toEqual(expected);
        expect(
          image.layers.map(({ diffId }) => diffId),
          spec,
        ).toEqual(expected);
        expect(image.created).toBe(direct.created);
        await image.close();
      }
      await direct.close();
    } finally {
      await registry.close();
    }
  });
});
