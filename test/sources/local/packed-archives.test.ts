/** Archives that are packed as a whole, or come through a pipe, and so are copied to a temporary file first. */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openImage, type SourceOptions } from '../../../src/sources/open.ts';
import { type TarItem, tar } from '../../support/tar-builder.ts';
import { describeWith, run } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { failureOf, unpackedDigests } from '../read-layers.ts';
import { SampleStore, tagged } from '../sample-image.ts';
import { layoutItems, savedItem } from './image-forms.ts';
import { unpack } from './unpack.ts';

const OPTIONS: SourceOptions = { platform: 'linux/amd64', unpack };
const store = new SampleStore();
const only = store.addImage('linux/amd64', ['a', 'b', 'c']);
const LAYOUT = tar(layoutItems(store, [tagged(only, 'tag')]));
const SAVED = tar([
  ...layoutItems(store, []).filter(({ path }) => String(path).startsWith('blobs/')),
  savedItem(store, only),
]);

async function layersOf(spec: string, options: SourceOptions = OPTIONS): Promise<number> {
  const image = await openImage(spec, options);
  const layers = await unpackedDigests(image);
  // A temporary copy can be read as often as a file.
  await unpackedDigests(image);
  await image.close();
  return layers.length;
}

const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.endsWith('.archive'));

describe('archives packed as a whole', () => {
  const path = useWorkFolder();
  const write = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(path(name), bytes);
    return path(name);
  };

  afterEach(() => expect.poll(leftovers).toEqual([]));

  it('5.1, 5.2 whole-archive compression: gzip', async () => {
    const layout = await write('layout.tar.gz', gzipSync(LAYOUT));
    expect(await layersOf(`oci-archive:${layout}:tag`)).toBe(3);
    const saved = await write('saved.tar.gz', gzipSync(SAVED));
    expect(await layersOf(`docker-archive:${saved}:app:1`)).toBe(3);
  });

  it('gzip in several members, as pigz and bgzip write it', async () => {
    const half = LAYOUT.length / 2;
    const parts = [LAYOUT.subarray(0, half), LAYOUT.subarray(half)].map((part) => gzipSync(part));
    const file = await write('members.tar.gz', Buffer.concat(parts));
    expect(await layersOf(`oci-archive:${file}`)).toBe(3);
  });

  it('are refused with a command where nothing unpacks them', async () => {
    const file = await write('alone.tar.gz', gzipSync(LAYOUT));
    const error = await failureOf(openImage(`oci-archive:${file}`, { platform: 'linux/amd64' }));
    expect(error.message).toMatch(/compressed as a whole.*gzip -d/);
  });

  it.each([
    ['bzip2', Buffer.from('BZh91AY&SY'), /bzip2 -d/],
    ['xz', Buffer.from('\xfd7zXZ\0\0', 'latin1'), /xz -d/],
    ['5.4 squashfs', Buffer.from(`hsqs${'\0'.repeat(2000)}`), /squashfs.*unsquashfs/],
    ['5.4 SIF', Buffer.from(`${'#'.repeat(32)}SIF_MAGIC\0${'\0'.repeat(2000)}`), /Singularity/],
    [
      '5.4 EROFS',
      Buffer.from(`${'\0'.repeat(1024)}\xe2\xe1\xf5\xe0${'\0'.repeat(3000)}`, 'latin1'),
      /EROFS.*nothing to convert/,
    ],
    ['a packed squashfs', gzipSync(Buffer.from(`hsqs${'\0'.repeat(2000)}`)), /not a tar/],
    ['a tar that is packed twice', gzipSync(gzipSync(LAYOUT)), /not a tar/],
    ['packed rubbish', gzipSync(Buffer.from('hello '.repeat(500))), /not a tar/],
  ])('%s is refused by name', async (_name, bytes, message) => {
    const file = await write('refused', bytes);
    for (const kind of ['oci-archive', 'docker-archive']) {
      const error = await failureOf(openImage(`${kind}:${file}`, OPTIONS));
      expect(error.code).toBe('E_ARCHIVE');
      expect(error.message).toMatch(message);
      expect(error.message).toContain(file);
    }
  });

  it('that are cut off or damaged are a typed error that names the file', async () => {
    const whole = gzipSync(LAYOUT);
    const damaged = Buffer.from(whole).fill(0xff, 40, 60);
    for (const bytes of [whole.subarray(0, whole.length / 2), damaged]) {
      const file = await write('damaged.tar.gz', bytes);
      const error = await failureOf(openImage(`oci-archive:${file}`, OPTIONS));
      expect(error.category).toBe('input');
      expect(error.message).toContain(file);
    }
  });

  it('are bounded once unpacked', async () => {
    const file = await write('zeros.tar.gz', gzipSync(Buffer.alloc(1 << 20)));
    const limits = { unpacked: 1000 };
    const error = await failureOf(openImage(`oci-archive:${file}`, { ...OPTIONS, limits }));
    expect(error.code).toBe('E_LIMIT');
    expect(error.message).toContain('unpacked=1000');
  });

  it('that grow beyond all measure are refused on the way', async () => {
    const file = await write('bomb.tar.gz', gzipSync(Buffer.alloc(80 << 20)));
    const limits = { unpackedRatio: 10 };
    const error = await failureOf(openImage(`oci-archive:${file}`, { ...OPTIONS, limits }));
    expect(error.code).toBe('E_LIMIT');
    expect(error.message).toContain('unpacked-ratio=10');
  });
});

describeWith({ tools: ['zstd'] }, 'archives packed with zstd', () => {
  const path = useWorkFolder();
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);

  it.each([
    ['one frame', 1, false],
    ['several frames', 3, false],
    ['a skippable frame first', 2, true],
  ])('5.2 whole-archive compression: zstd in %s', async (_name, frames, skips) => {
    const parts: Buffer[] = skips ? [skippable] : [];
    const step = Math.ceil(LAYOUT.length / frames);
    for (let at = 0; at < LAYOUT.length; at += step)
      parts.push((await run('zstd', ['-c'], { input: LAYOUT.subarray(at, at + step) })).stdout);
    await writeFile(path('a.tar.zst'), Buffer.concat(parts));
    expect(await layersOf(`oci-archive:${path('a.tar.zst')}`)).toBe(3);
  });
});

describe('archives from standard input', () => {
  const path = useWorkFolder();
  /** Pieces of odd lengths, so that no header comes in one. */
  const pieces = (bytes: Uint8Array): Readable => {
    const list: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 333) list.push(bytes.subarray(at, at + 333));
    return Readable.from(list);
  };

  it.each([
    ['oci-archive:-', LAYOUT],
    ['oci-archive:-:tag', LAYOUT],
    [`oci-archive:-@${only.digest}`, LAYOUT],
    ['docker-archive:-', SAVED],
    ['docker-archive:-:app:1', SAVED],
    ['docker-archive:-@0', SAVED],
    ['oci-archive:-', gzipSync(LAYOUT)],
    ['docker-archive:-', gzipSync(SAVED)],
  ])('5.1 stdin: %s, with the index at the end', async (spec, bytes) => {
    expect(await layersOf(spec, { ...OPTIONS, stdin: pieces(bytes) })).toBe(3);
    await expect.poll(leftovers).toEqual([]);
  });

  it('are named by what was asked for', async () => {
    const image = await openImage('oci-archive:-:tag', { ...OPTIONS, stdin: pieces(LAYOUT) });
    expect(image.reference).toBe('oci-archive:-:tag');
    await image.close();
  });

  it('that are empty or broken are a typed error', async () => {
    const empty = await failureOf(
      openImage('oci-archive:-', { ...OPTIONS, stdin: Readable.from([]) }),
    );
    expect(empty.code).toBe('E_TRUNCATED');
    expect(empty.message).toMatch(/nothing in the archive.*standard input.*may have failed/);
    const stdin = new PassThrough();
    const opening = failureOf(openImage('oci-archive:-', { ...OPTIONS, stdin }));
    stdin.write(LAYOUT.subarray(0, 5000));
    await sleep(20);
    stdin.destroy(new Error('broken'));
    expect((await opening).code).toBe('E_SOURCE');
    await expect.poll(leftovers).toEqual([]);
  });

  it.each([0, 100, 5000])('that fall silent after %i bytes can be cancelled', async (length) => {
    const stdin = new PassThrough();
    stdin.write(LAYOUT.subarray(0, length));
    const controller = new AbortController();
    const opening = failureOf(
      openImage('oci-archive:-', { ...OPTIONS, stdin, signal: controller.signal }),
    );
    await sleep(30);
    controller.abort();
    expect((await opening).code).toBe('E_ABORTED');
    await expect.poll(leftovers).toEqual([]);
  });

  it.each([
    ['plain', (zeros: Buffer) => zeros],
    ['packed', (zeros: Buffer) => gzipSync(zeros)],
  ])('that never end are bounded: %s', async (_name, pack) => {
    const piece = pack(Buffer.alloc(1 << 20));
    const endless = Readable.from(
      (function* () {
        for (;;) yield piece;
      })(),
    );
    const limits = { unpacked: 20 << 20 };
    const error = await failureOf(
      openImage('oci-archive:-', { ...OPTIONS, stdin: endless, limits }),
    );
    expect(error.code).toBe('E_LIMIT');
    expect(endless.destroyed).toBe(true);
  });

  it('that end like a plain file are read through a named pipe too', async () => {
    await run('mkfifo', [path('pipe')]);
    const [layers] = await Promise.all([
      layersOf(`oci-archive:${path('pipe')}`),
      writeFile(path('pipe'), gzipSync(LAYOUT)),
    ]);
    expect(layers).toBe(3);
  });

  it('a folder is not read as an archive', async () => {
    const error = await failureOf(openImage(`oci-archive:${path('.')}`, OPTIONS));
    expect(error.message).toMatch(/folder.*use oci:/);
  });
});

describe('where temporary copies go', () => {
  const path = useWorkFolder();
  const before = process.env.TMPDIR;
  const stdin = () => Readable.from([LAYOUT]);

  afterEach(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });

  it('is TMPDIR, which must exist', async () => {
    process.env.TMPDIR = path('missing');
    const error = await failureOf(openImage('oci-archive:-', { ...OPTIONS, stdin: stdin() }));
    expect(error.code).toBe('E_OUTPUT');
    expect(error.message).toMatch(/temporary file: ENOENT \(.*missing\).*set TMPDIR/);
    await mkdir(path('missing'));
    expect(await layersOf('oci-archive:-', { ...OPTIONS, stdin: stdin() })).toBe(3);
  });
});

describeWith({ tools: ['mount', 'umount'], root: true }, 'a full disk', () => {
  const path = useWorkFolder();

  it('is said, with what to do', async () => {
    const before = process.env.TMPDIR;
    await mkdir(path('small'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path('small')]);
    try {
      process.env.TMPDIR = path('small');
      const big: TarItem[] = [{ path: 'big', body: 'x'.repeat(1 << 20) }];
      const stdin = Readable.from([tar(big)]);
      const error = await failureOf(openImage('oci-archive:-', { ...OPTIONS, stdin }));
      expect(error.code).toBe('E_OUTPUT');
      expect(error.message).toMatch(/no room.*small.*set TMPDIR/);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      await run('umount', [path('small')]);
    }
  });
});
