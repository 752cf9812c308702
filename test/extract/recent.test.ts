/** Compressed images of the newest mkfs.erofs, extracted by us and by its fsck.erofs: file by file the same. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RECENT_TOOLS_NEEDS, recentRoot } from '../support/erofs-utils.ts';
import { loadLibrary } from '../support/library.ts';
import { describeWith, run } from '../support/tools.ts';
import { compareTrees, type Tree, walkTree } from '../support/tree-walk.ts';

const BASE_SCRIPT = fileURLToPath(new URL('../support/corpus-base.py', import.meta.url));
const NEEDS = { tools: ['python3', 'setcap', 'setfacl', ...RECENT_TOOLS_NEEDS.tools], root: true };

/**
 * Where fsck.erofs 1.9.4 errs: it sets the owner last, which takes a capability away, and cuts off the hole at the end of a
 * file in chunks.
 */
const NOT_OF_FSCK = /security\.capability|^\/sizes\/sparse: (content|size)/;

/** Small inodes of mkfs.erofs have whole seconds, and those of Linux 6.15 lose what is beyond 32 bits. */
function withoutTimes(tree: Tree): Tree {
  return new Map([...tree].map(([path, entry]) => [path, { ...entry, mtime: 0n }]));
}

describeWith(NEEDS, 'extracting what is compressed', () => {
  let root = '';
  let folder = '';
  const path = (name: string) => join(folder, name);
  const tool = (command: string, ...args: readonly string[]) => {
    const script = 'cd "$0" && exec "$@"';
    return run('chroot', [root, 'sh', '-c', script, `/tmp/${basename(folder)}`, command, ...args]);
  };

  beforeAll(async () => {
    root = await recentRoot();
    folder = await mkdtemp(join(root, 'tmp/extract-'));
    await mkdir(path('tree'));
    await run('python3', [BASE_SCRIPT, path('tree'), '100']);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['-zlz4hc,level=12 -C65536'],
    ['-zlzma -C65536 -Eztailpacking'],
    ['-zdeflate -C16384 -E48bit'],
    ['-zzstd -C65536 -Efragments,dedupe'],
    ['--MZ=i -b512'],
    ['--chunksize=65536 --blobdev=device'],
  ])('equals fsck.erofs after %s', async (options) => {
    for (const name of ['theirs', 'ours', 'image', 'device']) {
      await rm(path(name), { recursive: true, force: true });
    }
    await tool('mkfs.erofs', '--quiet', ...options.split(' '), 'image', 'tree');
    const hasDevice = options.includes('blobdev');
    const devices = hasDevice ? ['--device=device'] : [];
    await tool('fsck.erofs', '--extract=theirs', '--xattrs', ...devices, 'image');
    const { diffImages, extractImage } = await loadLibrary();
    const opened = hasDevice ? { devices: [path('device')] } : {};
    await extractImage(path('image'), { ...opened, output: path('ours') });
    const ours = await walkTree(path('ours'));
    const differences = compareTrees(await walkTree(path('theirs')), ours);
    expect(differences.filter((line) => !NOT_OF_FSCK.test(line))).toEqual([]);
    const tree = await walkTree(path('tree'));
    expect(compareTrees(withoutTimes(tree), withoutTimes(ours))).toEqual([]);
    const same = { beforeDevices: opened.devices ?? [], afterDevices: opened.devices ?? [] };
    for await (const found of diffImages(path('image'), path('image'), same)) throw found;
  });
});
