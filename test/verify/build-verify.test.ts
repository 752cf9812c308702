/** `build --verify`: an image appears only where it is what its source says, in a second and plain reading. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BuildEvent, BuildOptions, BuildResult, LayersOptions } from '../../src/index.ts';
import { type FaultyRegistry, sendRange, startFaultyRegistry } from '../sources/faulty-registry.ts';
import { SampleStore } from '../sources/sample-image.ts';
import { ImageEditor } from '../support/edit-image.ts';
import { loadLibrary } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const ITEMS: readonly TarItem[] = [
  { path: 'etc/' },
  { path: 'etc/motd', body: 'm'.repeat(9000) },
  { path: 'link', linkPath: 'etc' },
];
const OTHER_IMAGE = 'what was there before';

describe('build with verify', () => {
  const path = useWorkFolder();
  let folder = '';
  let source = '';
  let output = '';
  let count = 0;

  beforeEach(async () => {
    folder = path(`${++count}`);
    await mkdir(folder);
    source = `tar:${path(`${count}.tar`)}`;
    output = join(folder, 'image.erofs');
    await writeFile(path(`${count}.tar`), tar(ITEMS));
  });

  const build = async (options: Partial<BuildOptions> = {}): Promise<BuildResult> => {
    const library = await loadLibrary();
    return library.build({ source, output, threads: 1, verify: true, ...options });
  };
  /** Calls `change` when the image has been written and is about to be verified; all of it happens before that. */
  const meanwhile = (change: () => void) => (event: BuildEvent) => {
    if (event.type === 'phase' && event.phase === 'verify') change();
  };

  it('gives the same image, and tells how long it took', async () => {
    const phases: string[] = [];
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'phase') phases.push(event.phase);
    };
    const { seconds, sha256 } = await build({ onEvent });
    expect(phases).toEqual(['resolve', 'read', 'plan', 'encode', 'verify', 'commit']);
    expect(seconds.verify).toBeGreaterThan(0);
    const plain = await build({ verify: false });
    expect(plain.sha256).toBe(sha256);
    expect(plain.seconds.verify).toBe(0);
    expect(await readdir(folder)).toEqual(['image.erofs']);
  });

  it.each<[string, readonly TarItem[], string]>([
    [
      'another byte',
      [ITEMS[0]!, { ...ITEMS[1]!, body: `${'m'.repeat(8999)}n` }],
      '/etc/motd: content is',
    ],
    ['another mode', [{ ...ITEMS[0]!, mode: 0o700 }, ITEMS[1]!], '/etc: mode is 0755, not 0700'],
    ['one name less', [ITEMS[0]!], '/etc/motd: unexpected, a file'],
  ])('fails where the source has %s by then', async (_, changed, place) => {
    for (const threads of [0, 2]) {
      await writeFile(path(`${count}.tar`), tar(ITEMS));
      await writeFile(output, OTHER_IMAGE);
      const items = [...changed, ITEMS[2]!];
      const bytes = Buffer.alloc(tar(ITEMS).length);
      bytes.set(tar(items));
      const onEvent = meanwhile(() => writeFileSync(path(`${count}.tar`), bytes));
      await expect(build({ onEvent, threads })).rejects.toMatchObject({
        code: 'E_VERIFY',
        exitCode: 1,
        place: expect.stringContaining(`${output}: ${place}`),
      });
      expect(await readdir(folder)).toEqual(['image.erofs']);
      expect(await readFile(output, 'utf8')).toBe(OTHER_IMAGE);
    }
  });

  it('fails where the disk changed a byte of what was written', async () => {
    const onEvent = meanwhile(() => {
      const [name = ''] = readdirSync(folder);
      const bytes = readFileSync(join(folder, name));
      bytes[bytes.indexOf('mmm')]!++;
      writeFileSync(join(folder, name), bytes);
    });
    await expect(build({ onEvent })).rejects.toMatchObject({
      code: 'E_VERIFY',
      place: expect.stringContaining('/etc/motd: content is'),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses what can be read once', async () => {
    await expect(build({ source: 'tar:-', stdin: new PassThrough() })).rejects.toMatchObject({
      code: 'E_USAGE',
      place: 'tar:-',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('ends where it is cancelled', async () => {
    const cancel = new AbortController();
    const onEvent = meanwhile(() => cancel.abort());
    const { signal } = cancel;
    await expect(build({ onEvent, signal })).rejects.toMatchObject({ code: 'E_ABORTED' });
    expect(await readdir(folder)).toEqual([]);
  });

  describe('of each layer', () => {
    const buildLayers = async (options: Partial<LayersOptions> = {}) => {
      const library = await loadLibrary();
      return library.buildLayers({ source, output: folder, threads: 2, verify: true, ...options });
    };

    beforeEach(async () => {
      const layout = path(`${count}-layout`);
      await writeLayout(layout, [
        { items: ITEMS },
        {
          items: [
            { path: 'etc/.wh.motd', body: '' },
            { path: 'opq/.wh..wh..opq', body: '' },
          ],
        },
      ]);
      source = `oci:${layout}`;
    });

    it('compares new images and those that were there', async () => {
      const first = await buildLayers();
      expect(first.images.map(({ reused }) => reused)).toEqual([false, false]);
      const second = await buildLayers();
      expect(second.images.map(({ reused }) => reused)).toEqual([true, true]);
    });

    it('finds what is wrong in one that was there, and --force replaces it', async () => {
      const { images } = await buildLayers();
      const { path: damaged } = images[0]!;
      const image = await ImageEditor.open(damaged);
      image.changeContent('/etc/motd', 17);
      await writeFile(damaged, image.bytes);
      expect((await buildLayers({ verify: false })).images[0]?.reused).toBe(true);
      await expect(buildLayers()).rejects.toMatchObject({
        code: 'E_VERIFY',
        place: expect.stringContaining(`${damaged}: /etc/motd: content is`),
      });
      expect((await buildLayers({ force: true })).images[0]?.reused).toBe(false);
    });
  });

  describe('from a registry', () => {
    const store = new SampleStore();
    const root = store.addImage('linux/amd64');
    let registry: FaultyRegistry;
    const layers = (store.json(root.digest).layers as { digest: string }[]).map(
      ({ digest }) => digest,
    );
    const requests = () =>
      layers.map((digest) => registry.seen.filter((one) => one.path.endsWith(digest)).length);
    const pull = async (options: Partial<BuildOptions> = {}) =>
      build({
        source: `${registry.host}/team/app:tag`,
        platform: 'linux/amd64',
        plainHttp: true,
        anonymous: true,
        ...options,
      });

    beforeAll(async () => {
      registry = await startFaultyRegistry(store, root);
    });
    afterAll(() => registry.close());
    beforeEach(() => {
      registry.seen.length = 0;
      registry.fault = () => false;
    });

    it('reads layers once more from the cache, where there is one', async () => {
      await pull({ cache: path(`${count}-cache`) });
      expect(requests()).toEqual([1, 1]);
      await pull();
      expect(requests()).toEqual([3, 3]);
    });

    it('reads a layer again that came with wrong bytes the second time', async () => {
      const warnings: string[] = [];
      const onEvent = (event: BuildEvent) => {
        if (event.type === 'warning') warnings.push(event.code);
      };
      registry.fault = (request, response) => {
        const isSecond = requests()[1] === 2 && request.url?.endsWith(layers[1]!) === true;
        if (!isSecond) return false;
        const wrong = Buffer.from(store.blobs.get(layers[1]!)!);
        wrong[wrong.length - 5]!++;
        return sendRange(wrong, 'application/octet-stream', request, response);
      };
      await pull({ onEvent });
      expect(warnings).toEqual(['bad-copy']);
      expect(await readdir(folder)).toEqual(['image.erofs']);
    });
  });
});
