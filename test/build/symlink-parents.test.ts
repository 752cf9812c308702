/** Paths through a symbolic link of a lower layer, in both readings; umoci is the witness for extracting. */

import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { BuildOptions } from '../../src/index.ts';
import { imageTree } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import type { TarItem } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { type Tree, walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const BIG = randomBytes(20_000);

const BASE: readonly TarItem[] = [
  { path: 'usr/' },
  { path: 'usr/lib/', mode: 0o711 },
  { path: 'usr/lib/old', body: 'old' },
  { path: 'usr/lib/deleted', body: 'deleted' },
  { path: 'lib', linkPath: 'usr/lib' },
  { path: 'absolute', linkPath: '/usr/lib' },
];

const STACKS: [string, (readonly TarItem[])[]][] = [
  ['a file', [BASE, [{ path: 'lib/x', body: BIG }]]],
  ['a file through an absolute link', [BASE, [{ path: 'absolute/deep/x', body: 'x' }]]],
  ['a file that replaces another', [BASE, [{ path: 'lib/old', body: 'new' }]]],
  ['a whiteout', [BASE, [{ path: 'lib/.wh.deleted' }]]],
  ['a directory in place of the link', [BASE, [{ path: 'lib/' }, { path: 'lib/x', body: 'x' }]]],
  [
    'a file below a link that was replaced in between',
    [BASE, [{ path: 'lib/' }], [{ path: 'lib/x', body: 'x' }]],
  ],
  [
    'a hard link to a file behind the link',
    [BASE, [{ path: 'named', type: 'hardlink', linkPath: 'lib/old' }]],
  ],
  [
    'content that seemed hidden',
    [
      [...BASE, { path: 'other/' }],
      [{ path: 'lib/x', body: BIG }],
      [{ path: 'lib', linkPath: 'other' }],
      [{ path: 'lib/x', body: 'not over the first one' }],
    ],
  ],
];

/** Made-up directories have the time of the unpacking in umoci, and the image's own here. */
const view = (tree: Tree) =>
  [...tree.values()]
    .filter(({ path }) => path !== '/')
    .map(({ path, type, size, target, sha256, firstLink }) =>
      type === 'directory'
        ? [path, type]
        : [path, type, type === 'file' ? size : target, sha256, firstLink],
    );

describeWith({ tools: ['umoci', 'python3'], root: true }, 'through a link of a lower layer', () => {
  const path = useWorkFolder();
  let count = 0;

  const image = async (layout: string, options: Partial<BuildOptions>) => {
    const { build } = await loadLibrary();
    const output = path(`image-${++count}.erofs`);
    const platform = 'linux/amd64';
    await build({ source: `oci:${layout}`, output, platform, threads: 2, ...options });
    return imageTree(output);
  };

  it.each(STACKS)('%s goes where umoci extracts it', async (_, layers) => {
    const layout = path(`layout-${++count}`);
    await writeLayout(
      layout,
      layers.map((items) => ({ items })),
    );
    const bundle = path(`bundle-${count}`);
    await run('umoci', ['unpack', '--image', `${layout}:latest`, bundle]);
    const unpacked = await walkTree(`${bundle}/rootfs`);
    await rm(bundle, { recursive: true });
    const extracted = await image(layout, { symlinkParents: 'extract' });
    expect(view(extracted)).toEqual(view(unpacked));
  });

  it('a file hides the link in an overlay mount, and so it does by default', async () => {
    const layout = path('overlaid');
    await writeLayout(layout, [{ items: BASE }, { items: [{ path: 'lib/x', body: 'x' }] }]);
    const tree = await image(layout, {});
    expect(tree.get('/lib')).toMatchObject({ type: 'directory' });
    expect(tree.has('/usr/lib/x')).toBe(false);
    expect(await image(layout, { symlinkParents: 'overlay' })).toEqual(tree);
  });
});
