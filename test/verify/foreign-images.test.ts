/** Images that mkfs.erofs made of one tar: proved where its rules are those of the specification, else told apart. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { VerifyOptions } from '../../src/index.ts';
import { RECENT_TOOLS_NEEDS, withRecentTools } from '../support/erofs-utils.ts';
import { loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const TIME = 1_600_000_000;
/** Room for a busy machine, and for the first run, which makes a root. */
const LARGE = { timeout: 600_000 };

/** Every directory has an entry, and nothing is odd. */
const PLAIN: readonly TarItem[] = [
  { path: './', mode: 0o755, mtime: TIME },
  { path: 'd/', mode: 0o2750, uid: 5, gid: 6, mtime: TIME },
  { path: 'd/a', body: 'a'.repeat(70_000), mode: 0o4755, mtime: TIME, mtimeNsec: 12 },
  { path: 'd/zeros', body: new Uint8Array(200_000), mtime: TIME },
  { path: 'd/equal', body: 'a'.repeat(70_000), mtime: TIME },
  { path: 'd/tail', body: 't'.repeat(4097), mtime: TIME },
  { path: 'd/small', body: 'small', mtime: TIME },
  { path: 'd/empty', mtime: TIME },
  { path: 'link', linkPath: 'd/a', mtime: TIME },
  { path: 'hard1', body: 'hard', uid: 70_000, gid: 70_000, mtime: TIME },
  { path: 'hard2', type: 'hardlink', linkPath: 'hard1' },
  { path: 'null', type: 'char', major: 259, minor: 70_000, mode: 0o666, mtime: TIME },
  { path: 'disk', type: 'block', major: 8, minor: 1, mtime: TIME },
  { path: 'pipe', type: 'fifo', uid: 3, mtime: TIME },
  { path: 'x', xattrs: { 'user.x': 'v', 'security.y': '\x01\x02', 'trusted.t': '' }, mtime: TIME },
  { path: 'y', xattrs: { 'user.x': 'v' }, mtime: TIME },
  { path: `d/${'n'.repeat(255)}`, body: 'x', mtime: TIME },
  ...Array.from({ length: 500 }, (_, i) => ({ path: `d/many-${i}`, mtime: TIME })),
];

/** What mkfs.erofs reads in its own way. */
const ODD: readonly TarItem[] = [
  { path: 'made/of/path', mtime: TIME },
  { path: 'link', linkPath: 'x', mode: 0o700, mtime: TIME },
  { path: 'opaque', xattrs: { 'trusted.overlay.opaque': 'y' }, mtime: TIME },
];

const MARKERS: readonly TarItem[] = [
  ...PLAIN,
  { path: 'd/.wh.gone', body: '', mtime: TIME },
  { path: 'd/.wh.gone2', body: '', mtime: TIME },
  { path: 'hides/', mtime: TIME },
  { path: 'hides/.wh..wh..opq', body: '', mtime: TIME },
];

type Options = Partial<VerifyOptions>;

describeWith(RECENT_TOOLS_NEEDS, 'an image of mkfs.erofs', () => {
  const path = useWorkFolder();

  beforeAll(async () => {
    await writeFile(path('plain.tar'), tar(PLAIN));
    await writeFile(path('odd.tar'), tar(ODD));
    await writeFile(path('markers.tar'), tar(MARKERS));
  }, LARGE.timeout);

  /** What is different, as `path what`. */
  const verify = async (archive: string, args: readonly string[], options: Options = {}) => {
    const { verifyImage } = await loadLibrary();
    return withRecentTools([path(archive)], async (tool, folder) => {
      await tool('mkfs.erofs', ['--quiet', ...args, 'image', archive]);
      const wishes = { image: join(folder, 'image'), source: `tar:${path(archive)}`, threads: 0 };
      const { differences } = await verifyImage({
        ...wishes,
        maxDifferences: Number.POSITIVE_INFINITY,
        ...options,
      });
      return differences.map(({ path: at, what }) => `${at} ${what}`);
    });
  };

  it.each<[string[], Options]>([
    [['--tar=f'], {}],
    [['--tar=f', '-b1024'], {}],
    [['--tar=f', '--chunksize=65536'], {}],
    [['--tar=f', '--chunksize=4096', '-Eforce-chunk-indexes'], {}],
    [['--tar=f', '-E^inline_data'], {}],
    [['--tar=f', '-Eforce-inode-extended'], {}],
    [['--tar=f', '-Exattr-name-filter'], {}],
    [['--tar=f', '-x1'], {}],
    [['--tar=f', '--all-root'], { allRoot: true }],
    [['--tar=f', '--force-uid=7', '--gid-offset=3'], { forceUid: 7, gidOffset: 3 }],
    [['--tar=i'], { devices: ['plain.tar'] }],
    [['--tar=i'], { index: true, devices: ['plain.tar'] }],
  ])('is proved: %j', LARGE, async (args, options) => {
    const devices = (options.devices ?? []).map(path);
    expect(await verify('plain.tar', args, { ...options, devices })).toEqual([]);
  });

  it('is not proved where it points into a tar that nothing names', LARGE, async () => {
    expect(await verify('plain.tar', ['--tar=i'])).toEqual(['/ device 1']);
  });

  it('is told apart where it has one time for all', LARGE, async () => {
    const told = await verify('plain.tar', ['--tar=f', '-T5']);
    expect(new Set(told.map((text) => text.split(' ').at(-1)))).toEqual(new Set(['time']));
  });

  it('is told apart where it has modes and attributes of its own', LARGE, async () => {
    expect(await verify('odd.tar', ['--tar=f'])).toEqual([
      '/ mode',
      '/link mode',
      '/made mode',
      '/made/of mode',
      '/opaque xattr trusted.overlay.opaque',
    ]);
  });

  it('is proved with whiteouts but for their times', LARGE, async () => {
    const options = { whiteouts: 'overlay' } as const;
    expect(await verify('markers.tar', ['--tar=f', '--aufs'], options)).toEqual([
      '/d/gone time',
      '/d/gone2 time',
    ]);
  });

  it('is told apart where whiteouts are files', LARGE, async () => {
    expect(await verify('markers.tar', ['--tar=f'])).toEqual([
      '/d/.wh.gone entry',
      '/d/.wh.gone2 entry',
      '/hides/.wh..wh..opq entry',
    ]);
  });
});
