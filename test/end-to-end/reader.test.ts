/** Our reader against the kernel's: images of another maker, images of ours, and images that are broken. */

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ErofsReader, type ImageBytes } from '../../src/erofs/reader.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { imageTree, openImage, treeOf } from '../support/image-tree.ts';
import { MOUNT_NEEDS, withMount } from '../support/mount.ts';
import { describeWith, run } from '../support/tools.ts';
import { compareTrees, walkTree } from '../support/tree-walk.ts';

const BASE_SCRIPT = fileURLToPath(new URL('../support/corpus-base.py', import.meta.url));
const NEEDS = {
  tools: ['mkfs.erofs', 'python3', 'setcap', 'setfacl', ...MOUNT_NEEDS.tools],
  root: true,
};
/** Runs of the fuzz test: some seconds. */
const FUZZ_RUNS = 6_000;

function bytesOf(image: Uint8Array): ImageBytes {
  return { read: (offset, length) => image.subarray(offset, offset + length) };
}

describeWith(NEEDS, 'the reader', () => {
  let folder: string;
  let root: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'erofs-reader-'));
    root = join(folder, 'root');
    await mkdir(root);
    await run('python3', [BASE_SCRIPT, root, '100']);
    // mkfs.erofs 1.5 refuses names of the full 255 bytes.
    const longest = ['-regextype', 'posix-extended', '-regex', '.*/[^/]{255}'];
    await run('find', [root, ...longest, '-delete'], { env: { LC_ALL: 'C' } });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['as it comes', []],
    ['without inline data', ['-Enoinline_data']],
    ['with small inodes', ['--all-root', '-Eforce-inode-compact', '-T1700000000']],
    ['with large inodes', ['-Eforce-inode-extended']],
    ['with every attribute shared', ['-x1']],
    ['with chunks and block maps', ['--chunksize=4096', '-Eforce-inode-blockmap']],
    ['with chunks and indexes', ['--chunksize=8192', '-Eforce-chunk-indexes']],
    ['with huge chunks', ['--chunksize=1048576']],
    ['with compression', ['-zlz4']],
    ['with big clusters', ['-zlz4hc,12', '-C65536']],
    ['with tails behind its indexes', ['-zlz4', '-Eztailpacking']],
    ['with the layout of Linux 5.3', ['-zlz4', '-Elegacy-compress']],
  ])('sees what the kernel sees in an image of mkfs.erofs %s', async (_, options) => {
    const image = join(folder, 'mkfs.erofs');
    await run('mkfs.erofs', ['--quiet', ...options, image, root]);
    const mounted = await withMount(image, walkTree);
    expect(mounted.size).toBeGreaterThan(1_000);
    expect(compareTrees(mounted, imageTree(image))).toEqual([]);
    await rm(image);
  });

  it('ends in a value or an E_IMAGE whatever the bytes', async () => {
    const good = await makeTinyImage(folder);
    expect(treeOf(openImage(bytesOf(good))).size).toBeGreaterThan(10);
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) });
    const cases = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 8 }),
      length: fc.oneof(fc.constant(good.length), fc.nat(good.length)),
    });
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(cases, ({ changes, length }) => {
        const image = good.slice(0, length);
        for (const { at, value } of changes) if (at < length) image[at] = value;
        const outcome = outcomeOf(bytesOf(image));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        expect(outcome).toMatch(/^(tree|E_IMAGE)$/);
      }),
      { numRuns: FUZZ_RUNS },
    );
    // Changes that never matter, or images that are never read far, would prove nothing.
    expect(outcomes.get('tree')).toBeGreaterThan(FUZZ_RUNS / 20);
    expect(outcomes.get('E_IMAGE')).toBeGreaterThan(FUZZ_RUNS / 20);
  });

  it('refuses an image whose checksum does not match', async () => {
    const image = await makeTinyImage(folder);
    // The volume name, which nothing else depends on.
    image[1024 + 64] = 0x41;
    expect(() => openImage(bytesOf(image))).toThrow(/checksum/);
  });
});

/** A tree of each kind of entry in so few blocks that a random change often hits something that matters. */
async function makeTinyImage(folder: string): Promise<Uint8Array> {
  const script = [
    'mkdir -p d/e many; echo text > d/file; ln d/file d/link; ln -s file d/symlink; mkfifo fifo',
    'mknod null c 1 3; setfattr -n user.a -v one d/file; setfattr -n trusted.b -v two d/e; touch empty',
    'for i in 1 2 3 4; do echo $i > many/$i; setfattr -n user.same -v same many/$i; done',
    'head -c 9000 /dev/zero > chunked',
  ].join(' && ');
  const root = await mkdtemp(join(folder, 'tiny-'));
  const image = `${root}.erofs`;
  await run('sh', ['-ec', script], { cwd: root });
  await run('mkfs.erofs', ['--quiet', '-x1', '--chunksize=4096', image, root]);
  const bytes = new Uint8Array(await readFile(image));
  await rm(image);
  return bytes;
}

/** Without the checksum, which would stop most broken images at the door. Holes may be of any length. */
function outcomeOf(image: ImageBytes): string {
  try {
    const reader = new ErofsReader(image);
    for (const { inode } of reader.walk()) {
      reader.xattrs(inode);
      for (const piece of reader.pieces(inode)) expect(piece.kind).toMatch(/data|hole/);
    }
    return 'tree';
  } catch (error) {
    return error instanceof ErofsWasmError ? error.code : String(error);
  }
}
