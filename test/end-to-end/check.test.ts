/** The check finds nothing in what mkfs.erofs makes of a real tree, and what the kernel finds in it where it is broken. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RECENT_TOOLS_NEEDS, withRecentTools } from '../support/erofs-utils.ts';
import { loadLibrary } from '../support/library.ts';
import { describeWith, run } from '../support/tools.ts';

const BASE_SCRIPT = fileURLToPath(new URL('../support/corpus-base.py', import.meta.url));
const TREE_TOOLS = ['python3', 'setcap', 'setfacl', 'tar'];

async function makeTree(root: string): Promise<void> {
  await mkdir(root);
  await run('python3', [BASE_SCRIPT, root, '100']);
  // mkfs.erofs 1.5 refuses names of the full 255 bytes.
  const longest = ['-regextype', 'posix-extended', '-regex', '.*/[^/]{255}'];
  await run('find', [root, ...longest, '-delete'], { env: { LC_ALL: 'C' } });
}

async function expectNothing(image: string): Promise<void> {
  const { checkImage } = await loadLibrary();
  const { findings, inodes } = await checkImage(image, { data: true });
  expect(findings).toEqual([]);
  expect(inodes).toBeGreaterThan(1_000);
}

describeWith(
  { tools: ['mkfs.erofs', ...TREE_TOOLS], root: true },
  'the check, of images of mkfs.erofs',
  () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'erofs-check-'));
      await makeTree(join(folder, 'root'));
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    it.each([
      ['as it comes', []],
      ['without inline data', ['-Enoinline_data']],
      ['with small inodes', ['--all-root', '-Eforce-inode-compact', '-T1700000000']],
      ['with every attribute shared', ['-x1']],
      ['with chunks and block maps', ['--chunksize=4096', '-Eforce-inode-blockmap']],
      ['with chunks and indexes', ['--chunksize=65536', '-Eforce-chunk-indexes']],
      ['with LZ4', ['-zlz4']],
      ['with big clusters', ['-zlz4hc', '-C65536']],
      ['with tails inline', ['-zlz4', '-Eztailpacking']],
      ['with fragments', ['-zlz4hc', '-Eall-fragments', '-C16384']],
      ['with shared clusters', ['-zlz4', '-Ededupe,fragments']],
      ['with full indexes', ['-zlz4hc', '-Elegacy-compress']],
    ])('%s', async (_, options) => {
      const image = join(folder, 'image');
      await run('mkfs.erofs', ['--quiet', ...options, image, join(folder, 'root')]);
      await expectNothing(image);
      await rm(image);
    });
  },
);

describeWith(
  { tools: [...RECENT_TOOLS_NEEDS.tools, ...TREE_TOOLS], root: true },
  'the check, of images of a recent mkfs.erofs',
  () => {
    let folder: string;
    let archive: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'erofs-check-'));
      await makeTree(join(folder, 'root'));
      archive = join(folder, 'root.tar');
      // The tools see their own root only, and an archive is one file.
      const whole = ['--xattrs', '--xattrs-include=*', '--acls', '--sparse'];
      await run('tar', ['-C', join(folder, 'root'), ...whole, '-cf', archive, '.']);
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    it.each([
      ['with DEFLATE', ['-zdeflate,9', '-C32768', '-Eztailpacking']],
      ['with LZMA', ['-zlzma', '-C65536', '-Efragments']],
      ['with Zstandard', ['-zzstd', '-C65536', '-Eall-fragments,dedupe']],
      ['with two algorithms', ['-zlz4hc:zstd', '-C1048576', '-Efragments']],
      ['with 48-bit addresses', ['-E48bit,dot-omitted']],
      ['with lists of extents', ['-zzstd', '-E48bit,fragments', '-C65536']],
      ['with compressed metadata', ['-zzstd', '-C65536', '-m65536:zstd']],
      ['with compressed directories', ['-zdeflate', '--zD=0', '-C65536']],
      ['with long prefixes', ['--xattr-prefix=user.', '--xattr-prefix=trusted.', '-x1']],
      ['with digests of files', ['--xattr-inode-digest']],
      ['with small blocks', ['-b512', '-zlz4']],
      ['with wide chunks', ['--chunksize=4096', '-E48bit']],
    ])('%s', async (_, options) => {
      const image = join(folder, 'image');
      await withRecentTools([archive], async (tool, inside) => {
        const unpack = 'mkdir root && tar -C root --xattrs --xattrs-include="*" --acls -xf "$0"';
        await tool('sh', ['-c', unpack, basename(archive)]);
        await tool('mkfs.erofs', ['--quiet', ...options, 'image', 'root']);
        await writeFile(image, await readFile(join(inside, 'image')));
      });
      await expectNothing(image);
    });

    // Names of which hardly anything is left when they are compressed.
    it.each([
      ['-zlz4', '--zD'],
      ['-zzstd', '-m4096:zstd', '--zD=0', '-C65536'],
    ])('with directories longer than the image: %s %s', async (...options) => {
      const image = join(folder, 'image');
      await withRecentTools([], async (tool, inside) => {
        const names = 'mkdir alike; for i in $(seq 3000); do : > "alike/$0$i"; done';
        await tool('sh', ['-c', names, 'x'.repeat(200)]);
        await tool('mkfs.erofs', ['--quiet', ...options, 'image', 'alike']);
        await writeFile(image, await readFile(join(inside, 'image')));
      });
      await expectNothing(image);
    });
  },
);
