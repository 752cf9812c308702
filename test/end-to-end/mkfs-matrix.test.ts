/**
 * Images by every option of the newest mkfs.erofs, read by us, unpacked by its fsck.erofs, and mounted where this
 * kernel can: all three see the same tree, down to the content of each file.
 */

import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LAYOUT_CHUNK_BASED, LAYOUT_FLAT_INLINE } from '../../src/erofs/constants.ts';
import type { Extent, Inode } from '../../src/erofs/reader.ts';
import { openImage } from '../../src/image/open-image.ts';
import { isRegular } from '../../src/posix.ts';
import { RECENT_TOOLS_NEEDS, recentRoot } from '../support/erofs-utils.ts';
import { treeOf } from '../support/image-tree.ts';
import { type MatrixRow, MKFS_MATRIX } from '../support/mkfs-matrix.ts';
import { MOUNT_NEEDS, withMount } from '../support/mount.ts';
import { describeWith, run } from '../support/tools.ts';
import { compareTrees, type Tree, walkTree } from '../support/tree-walk.ts';

const TREE_SCRIPT = fileURLToPath(new URL('../support/matrix-tree.py', import.meta.url));
const NEEDS = {
  tools: ['python3', 'tar', 'setcap', 'setfacl', ...RECENT_TOOLS_NEEDS.tools, ...MOUNT_NEEDS.tools],
  root: true,
};
/** First versions of Linux with an algorithm; features say theirs themselves. */
const ALGORITHMS = { lz4: '5.4', lzma: '5.16', deflate: '6.6', zstd: '6.10' } as const;
/** Where what came of each row is written down, for docs/reader.md. */
const REPORT = process.env.EROFS_WASM_MATRIX_REPORT;
const HINTS = ['4096 .*text/.*', '16384 .*small/.*', '0 .*zeros/.*', ''].join('\n');

describeWith(NEEDS, 'our reader', () => {
  let root = '';
  let folder = '';
  let source: Tree;

  const path = (name: string) => join(folder, name);
  const tool = (command: string, ...args: string[]) =>
    run('chroot', [root, 'sh', '-c', 'cd "$0" && exec "$@"', inside(), command, ...args]);
  const inside = () => join('/tmp', basename(folder));

  beforeAll(async () => {
    root = await recentRoot();
    folder = await mkdtemp(join(root, 'tmp/matrix-'));
    await mkdir(path('tree'));
    await run('python3', [TREE_SCRIPT, path('tree')]);
    source = await walkTree(path('tree'));
    const flags = ['--format=pax', '--xattrs', '--xattrs-include=*', '--sort=name'];
    await run('tar', [...flags, '-C', path('tree'), '-cf', path('tree.tar'), '.']);
    await run('python3', ['-c', HEADERS_ONLY, path('tree.tar'), path('headers.tar')]);
    await writeFile(path('hints'), HINTS);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(MKFS_MATRIX.map((row) => [row.options, row] as const))(
    'sees what fsck.erofs and the kernel see after %s',
    async (_, row) => {
      for (const [command, ...args] of commandsOf(row)) await tool(command!, ...args);
      try {
        const image = path('image');
        const { tree, facts } = readImage(image, row, path);
        const devices = (row.devices ?? []).map((name) => `--device=${name}`);
        const offset = row.offset === undefined ? [] : [`--offset=${row.offset}`];
        await tool('fsck.erofs', '--extract=out', '--xattrs', ...devices, ...offset, 'image');
        const unpacked = await walkTree(path('out'));
        const unsure = new Set(row.oracle === 'source' ? tree.keys() : []);
        const misread = new Set([...facts.misread, ...unsure]);
        const ours = withContentOf(unpacked, misread, asUnpacked(tree, unpacked));
        expect(compareTrees(unpacked, ours)).toEqual([]);
        const mounted = await mountedTree(image, row, facts.linux, path);
        const seen = withContentOf(mounted ?? tree, unsure, tree);
        expect(compareTrees(mounted ?? tree, seen)).toEqual([]);
        const isCopy = row.commands === undefined || /^--tar=[fi]/.test(row.options);
        if (isCopy && row.oracle !== 'readers') expect(otherContent(source, tree)).toEqual([]);
        expect(tree.size).toBeGreaterThan(100);
        await report(row, image, facts, mounted !== undefined);
      } finally {
        for (const name of ['image', 'out', 'device', 'lower', 'upper']) {
          await rm(path(name), { recursive: true, force: true });
        }
      }
    },
  );

  it('is described with every row of this table', async () => {
    const text = await readFile(new URL('../../docs/reader.md', import.meta.url), 'utf8');
    const missing = MKFS_MATRIX.filter(({ options }) => !text.includes(`| \`${options}\` |`));
    expect(missing).toEqual([]);
  });
});

/**
 * What fsck.erofs 1.9.4 makes of a tree. It sets the owner after the attributes, which takes away a capability, and the
 * first attribute without a value keeps it from setting more of them. The kernel is the oracle of these.
 */
function asUnpacked(tree: Tree, unpacked: Tree): Tree {
  return new Map(
    [...tree].map(([path, entry]) => {
      const there = unpacked.get(path)?.xattrs ?? {};
      const names = Object.keys(entry.xattrs).filter((name) => name !== 'security.capability');
      const isCut = names.some((name) => entry.xattrs[name] === '');
      const kept = isCut ? names.filter((name) => name in there) : names;
      const xattrs = Object.fromEntries(kept.map((name) => [name, entry.xattrs[name]!]));
      return [path, { ...entry, xattrs }];
    }),
  );
}

/** The tree with the content that `other` has at these paths, which is then no part of a comparison. */
function withContentOf(other: Tree, paths: ReadonlySet<string>, tree: Tree): Tree {
  return new Map(
    [...tree].map(([path, entry]) => {
      const { sha256, size } = (paths.has(path) ? other.get(path) : undefined) ?? entry;
      return [path, sha256 === undefined ? entry : { ...entry, sha256, size }];
    }),
  );
}

/**
 * Whether fsck.erofs 1.9.4 is known to read the content wrong: it cuts off the hole at the end of a file in chunks, and
 * where an inode is in the metabox, it looks for its tail or its chunks in the image.
 */
function isMisread({ layout, inMetabox }: Inode, last: Extent | undefined): boolean {
  const isChunked = layout === LAYOUT_CHUNK_BASED;
  return isChunked
    ? inMetabox || last?.offset === undefined
    : last?.inside === 'metabox' && layout === LAYOUT_FLAT_INLINE;
}

/** Paths whose content is not that of the source. */
function otherContent(source: Tree, tree: Tree): string[] {
  return [...source.keys()].filter((path) => source.get(path)?.sha256 !== tree.get(path)?.sha256);
}

const HEADERS_ONLY = `
import sys, tarfile
source = tarfile.open(sys.argv[1])
with open(sys.argv[2], "wb") as target:
    for member in source:
        target.write(member.tobuf(tarfile.PAX_FORMAT))
    target.write(bytes(1024))
`;

function commandsOf({ options, commands }: MatrixRow): string[][] {
  const all = commands ?? [`mkfs.erofs --quiet ${options} image tree`];
  return all.map((command) => command.split(' '));
}

/** The tree by our reader with the real kernels; the same content again by extents, and one look-up for each path. */
function readImage(image: string, row: MatrixRow, path: (name: string) => string) {
  const devices = (row.devices ?? []).map(path);
  const opened = openImage(image, { devices, offset: row.offset ?? 0 });
  try {
    const { reader } = opened;
    const layouts = new Set<number>();
    const algorithms = new Set<string>();
    const misread = new Set<string>();
    for (const { path: name, inode } of reader.walk()) {
      expect(reader.find(Buffer.from(name, 'latin1')).nid).toBe(inode.nid);
      if (!isRegular(inode.mode)) continue;
      layouts.add(inode.layout);
      let last: Extent | undefined;
      for (const extent of reader.extents(inode)) {
        if (extent.compressed !== undefined) algorithms.add(extent.compressed.algorithm);
        last = extent;
      }
      if (isMisread(inode, last)) misread.add(name);
    }
    const declared = reader.superblock.compression.map(({ algorithm }) => ALGORITHMS[algorithm]);
    const needed = reader.features().flatMap(({ linux }) => linux ?? []);
    const linux = [...needed, ...declared].reduce((a, b) => (isAtLeast(a, b) ? a : b), '5.4');
    const features = reader.features().map(({ name }) => name);
    const facts = { layouts, algorithms, misread, features, linux };
    return { tree: treeOf(reader), facts };
  } finally {
    opened.close();
  }
}

/** What the kernel sees; undefined where it is too old for the image. */
async function mountedTree(
  image: string,
  row: MatrixRow,
  linux: string,
  path: (name: string) => string,
): Promise<Tree | undefined> {
  if (!isAtLeast(release(), linux)) return undefined;
  return withMount(image, walkTree, (row.devices ?? []).map(path), row.offset);
}

function isAtLeast(version: string, wanted: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  return major! > wantedMajor! || (major === wantedMajor && minor! >= wantedMinor!);
}

async function report(
  { options }: MatrixRow,
  image: string,
  facts: ReturnType<typeof readImage>['facts'],
  isMounted: boolean,
): Promise<void> {
  if (REPORT === undefined) return;
  const { features, linux } = facts;
  const row = {
    options,
    size: (await stat(image)).size,
    layouts: [...facts.layouts].sort(),
    algorithms: [...facts.algorithms],
    features,
    linux,
    isMounted,
  };
  await appendFile(REPORT, `${JSON.stringify(row)}\n`);
}
