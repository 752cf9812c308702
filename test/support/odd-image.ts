/** Images of a tree with one of every kind of entry, made by our own build and by mkfs.erofs. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { loadLibrary } from './library.ts';
import { MOUNT_NEEDS } from './mount.ts';
import { run } from './tools.ts';

const BASE_SCRIPT = fileURLToPath(new URL('./corpus-base.py', import.meta.url));
/** Keeps owners, attributes and capabilities over a trip through GNU tar. */
const TAR_FLAGS = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--sparse', '--format=pax'];

/** What {@link useOddImages} needs, for `describeWith`. */
export const ODD_IMAGE_NEEDS = {
  tools: ['mkfs.erofs', 'tar', 'bsdtar', 'python3', 'setcap', 'setfacl', ...MOUNT_NEEDS.tools],
  root: true,
} as const;

export interface OddImages {
  /** Built from a tar of the tree, with holes. */
  readonly ours: string;
  /** Made by mkfs.erofs, without the longest names, which 1.5 refuses. */
  readonly theirs: string;
  /** A path in the folder that goes when the tests are over. */
  readonly path: (name: string) => string;
}

/** Makes the images before the tests of this `describe`. */
export function useOddImages(): OddImages {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'erofs-odd-'));
    const root = join(folder, 'root');
    await mkdir(root);
    await run('python3', [BASE_SCRIPT, root, '50']);
    await run('python3', ['-c', MAKE_SOCKET, join(root, 'special/socket')]);
    const tar = join(folder, 'root.tar');
    const withoutSocket = ['--exclude=./special/socket', '-C', root, '.'];
    await run('tar', [...TAR_FLAGS, '-cf', tar, ...withoutSocket]);
    const { build } = await loadLibrary();
    await build({ source: `tar:${tar}`, output: join(folder, 'ours.erofs'), threads: 1 });
    const longest = ['-regextype', 'posix-extended', '-regex', '.*/[^/]{255}'];
    await run('find', [root, ...longest, '-delete'], { env: { LC_ALL: 'C' } });
    await run('mkfs.erofs', ['--quiet', join(folder, 'theirs.erofs'), root]);
    await rm(root, { recursive: true, force: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    get ours() {
      return join(folder, 'ours.erofs');
    },
    get theirs() {
      return join(folder, 'theirs.erofs');
    },
    path: (name) => join(folder, name),
  };
}

const MAKE_SOCKET = `
import os, stat, sys
os.mknod(sys.argv[1], stat.S_IFSOCK | 0o640)
`;
