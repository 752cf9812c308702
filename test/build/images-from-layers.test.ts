/** Several layers in one image: what shows, what is kept alive, what is never written, and what is refused. */

import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { BuildEvent, BuildOptions, BuildResult } from '../../src/index.ts';
import { imageTree } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { digestOf, type LayerText, writeLayout } from '../support/oci-layout.ts';
import { describeWith, run } from '../support/tools.ts';
import type { Tree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

interface Built {
  readonly result: BuildResult;
  readonly tree: Tree;
  readonly warnings: string[];
}

function useImages() {
  const path = useWorkFolder();
  let count = 0;
  const layout = async (layers: readonly LayerText[], options?: { created?: string }) => {
    const folder = path(`layout-${++count}`);
    await writeLayout(folder, layers, options);
    return `oci:${folder}`;
  };
  const image = async (source: string, options: Partial<BuildOptions> = {}): Promise<Built> => {
    const { build } = await loadLibrary();
    const output = path(`image-${++count}.erofs`);
    const warnings: string[] = [];
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'warning') warnings.push(event.code);
    };
    const platform = 'linux/amd64';
    const result = await build({ source, output, platform, threads: 2, onEvent, ...options });
    await run('fsck.erofs', ['--extract', output]);
    return { result, tree: imageTree(output), warnings };
  };
  return { path, layout, image };
}

const paths = (tree: Tree) => [...tree.keys()].filter((path) => path !== '/').sort();
const hash = (body: Uint8Array | string) => digestOf(Buffer.from(body)).slice('sha256:'.length);

describeWith({ tools: ['fsck.erofs'] }, 'an image of several layers', () => {
  const { path, layout, image } = useImages();

  it('has no whiteout in it, and shows what the layers leave', async () => {
    const source = await layout([
      { items: [{ path: 'etc/' }, { path: 'etc/a', body: 'a0' }, { path: 'gone/x', body: 'x' }] },
      { items: [{ path: 'etc/.wh.a' }, { path: '.wh.gone' }, { path: 'etc/b', body: 'b1' }] },
      { items: [{ path: 'gone/y', body: 'y2' }], packing: 'none' },
    ]);
    const { tree } = await image(source);
    expect(paths(tree)).toEqual(['/etc', '/etc/b', '/gone', '/gone/y']);
    expect(tree.get('/gone')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
  });

  it('never writes what is hidden', async () => {
    const big = randomBytes(2_000_000);
    const source = await layout([
      {
        items: [
          { path: 'big', body: big },
          { path: 'd/big', body: randomBytes(2_000_000) },
        ],
      },
      { items: [{ path: '.wh.big' }, { path: 'd/.wh..wh..opq' }, { path: 'small', body: 's' }] },
    ]);
    const { result, tree } = await image(source);
    expect(paths(tree)).toEqual(['/d', '/small']);
    expect(result.size).toBeLessThanOrEqual(8192);
  });

  it('keeps a file that only a link still names, read again where its content had passed by', async () => {
    const body = randomBytes(100_001);
    const tail = 'only a tail';
    const layers: LayerText[] = [
      {
        items: [
          { path: 'a', body },
          { path: 'filler', body: randomBytes(3_000_000) },
          { path: 'b', type: 'hardlink', linkPath: 'a' },
          { path: 't', body: tail },
          { path: 'u', type: 'hardlink', linkPath: 't' },
          { path: 's', linkPath: 'target' },
          { path: 'v', type: 'hardlink', linkPath: 's' },
          { path: 'never', body: randomBytes(50_000) },
        ],
      },
      { items: [{ path: '.wh.a' }, { path: '.wh.t' }, { path: '.wh.s' }, { path: '.wh.never' }] },
    ];
    for (const threads of [0, 2]) {
      const { tree } = await image(await layout(layers), { threads });
      expect(paths(tree)).toEqual(['/b', '/filler', '/u', '/v']);
      expect(tree.get('/b')).toMatchObject({ nlink: 1, size: body.length, sha256: hash(body) });
      expect(tree.get('/u')).toMatchObject({ nlink: 1, sha256: hash(tail) });
      expect(tree.get('/v')).toMatchObject({ type: 'symlink', target: 'target' });
    }
  });

  it('links over layers, to files whose own names are gone', async () => {
    const body = randomBytes(9000);
    const { tree } = await image(
      await layout([
        { items: [{ path: 'd/a', body, mode: 0o640 }] },
        { items: [{ path: 'b', type: 'hardlink', linkPath: 'd/a' }] },
        { items: [{ path: '.wh.d' }, { path: 'c', type: 'hardlink', linkPath: 'b' }] },
      ]),
    );
    expect(paths(tree)).toEqual(['/b', '/c']);
    expect(tree.get('/c')).toMatchObject({
      nlink: 2,
      mode: 0o640,
      firstLink: '/b',
      sha256: hash(body),
    });
  });

  it('never lets lower layers wait in the way of upper ones, however many and large they are', async () => {
    const large = (index: number) => ({
      items: [{ path: `large${index}`, body: Buffer.alloc(24 * 1024 * 1024, index) }],
    });
    const layers: LayerText[] = [0, 1, 2, 3].map(large);
    for (let i = 0; i < 6; i++) layers.push({ items: [{ path: `small${i}`, body: `${i}` }] });
    const source = await layout(layers);
    for (let round = 0; round < 6; round++) {
      const { tree } = await image(source, { threads: 1 + (round % 3), sha256: false });
      expect(paths(tree)).toHaveLength(10);
    }
  });

  it('reads the same layer twice in one image', async () => {
    const layer: LayerText = { items: [{ path: 'a', body: 'a' }] };
    const { tree } = await image(await layout([layer, { items: [{ path: '.wh.a' }] }, layer]));
    expect(paths(tree)).toEqual(['/a']);
  });

  it('is built from one layer where asked, by number or digest', async () => {
    const source = await layout([
      { items: [{ path: 'a' }] },
      { items: [{ path: 'b' }, { path: '.wh.a' }], packing: 'none' },
    ]);
    const { tree, result } = await image(source, { layer: 1 });
    expect(paths(tree)).toEqual(['/b']);
    expect((await image(source, { blob: result.sourceDigest })).result.sha256).toBe(result.sha256);
    expect(paths((await image(source, { layer: 0 })).tree)).toEqual(['/a']);
  });

  it('leaves out overlay attributes that would change what it shows, and says so', async () => {
    const items = [{ path: 'd/', xattrs: { 'trusted.overlay.opaque': 'y', 'user.ok': '1' } }];
    const { tree, warnings } = await image(await layout([{ items }]));
    expect(tree.get('/d')?.xattrs).toEqual({ 'user.ok': '1' });
    expect(warnings).toEqual(['overlay-xattr']);
  });

  it('takes its time from the image, SOURCE_DATE_EPOCH, or the option, and its UUID from all of it', async () => {
    const items = [{ path: 'd/f', mtime: 2_000_000_000 }];
    const source = await layout([{ items }], { created: '2020-01-02T03:04:05.678Z' });
    const created = await image(source);
    expect(created.tree.get('/d')?.mtime).toBe(1_577_934_245_000_000_000n);
    expect(created.tree.get('/d/f')?.mtime).toBe(2_000_000_000_000_000_000n);
    const asked = await image(source, { timestamp: 9 });
    expect(asked.tree.get('/d')?.mtime).toBe(9_000_000_000n);
    process.env.SOURCE_DATE_EPOCH = '1000';
    try {
      const clamped = await image(source);
      expect(clamped.tree.get('/d')?.mtime).toBe(1_000_000_000_000n);
      expect(clamped.tree.get('/d/f')?.mtime).toBe(1_000_000_000_000n);
      const both = await image(source, { timestamp: 9 });
      expect(both.tree.get('/d')?.mtime).toBe(9_000_000_000n);
      const uuids = [created, asked, clamped, both].map(({ result }) => result.uuid);
      expect(new Set(uuids).size).toBe(4);
    } finally {
      delete process.env.SOURCE_DATE_EPOCH;
    }
    expect((await image(source)).result.uuid).toBe(created.result.uuid);
    expect((await image(source, { blockSize: 4096, label: '' })).result.uuid).toBe(
      created.result.uuid,
    );
    expect((await image(source, { label: 'x' })).result.uuid).not.toBe(created.result.uuid);
  });

  it('blames the caller for a handler that throws, and for options that are no text', async () => {
    const source = await layout([{ items: [{ path: 'a' }] }]);
    const onEvent = () => {
      throw new TypeError('oops');
    };
    await expect(image(source, { onEvent })).rejects.toMatchObject({ code: 'E_USAGE' });
    const label = 5 as unknown as string;
    await expect(image(source, { label })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('reads no further layer once it is cancelled', async () => {
    const { build } = await loadLibrary();
    const source = await layout([0, 1, 2, 3].map((i) => ({ items: [{ path: `f${i}` }] })));
    for (const threads of [0, 1, 2]) {
      const stop = new AbortController();
      let layers = 0;
      const onEvent = ({ type }: BuildEvent) => {
        if (type !== 'layer-done') return;
        layers++;
        stop.abort();
      };
      const output = path('cancelled.erofs');
      const { signal } = stop;
      await expect(build({ source, output, threads, onEvent, signal })).rejects.toMatchObject({
        code: 'E_ABORTED',
      });
      expect(layers).toBe(1);
    }
  });

  describe('that is not what it says', () => {
    const good: LayerText = { items: [{ path: 'a', body: randomBytes(300_000) }] };
    const zeros = `sha256:${'0'.repeat(64)}`;
    const cases: [string, string, LayerText][] = [
      ['a wrong digest', 'E_DIGEST', { ...good, lie: { digest: zeros } }],
      ['a wrong size', 'E_SIZE', { ...good, lie: { size: 5 } }],
      ['a wrong diff_id', 'E_DIGEST', { ...good, lie: { diffId: zeros } }],
      ['a cut layer', 'E_SIZE', { ...good, lie: { blob: (b) => b.subarray(0, 200_000) } }],
      ['a longer layer', 'E_SIZE', { ...good, lie: { blob: (b) => Buffer.concat([b, b]) } }],
      [
        'a changed byte',
        'E_DIGEST',
        { ...good, lie: { blob: (b) => b.with(150_000, b[150_000]! ^ 1) } },
      ],
      ['a layer that is no tar', 'E_', { items: randomBytes(10_000) }],
      ['a tar cut short', 'E_TRUNCATED', { items: Buffer.alloc(100) }],
    ];

    it.each(cases)('ends in an error and leaves nothing: %s', async (_, code, layer) => {
      const { build } = await loadLibrary();
      const folder = path(`out-${Math.random()}`);
      await mkdir(folder);
      const source = await layout([{ items: [{ path: 'x' }] }, layer, { items: [{ path: 'y' }] }]);
      for (const threads of [0, 2]) {
        const options = { source, output: `${folder}/o.erofs`, platform: 'linux/amd64', threads };
        await expect(build(options)).rejects.toMatchObject({
          name: 'ErofsWasmError',
          code: expect.stringMatching(`^${code}`),
          exitCode: 4,
        });
        expect(await readdir(folder)).toEqual([]);
      }
    });
  });
});
