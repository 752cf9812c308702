/** The order of walks: what the reader yields is what the comparison of paths says, over names that sort oddly. */

import { describe, expect, it } from 'vitest';
import { HardLinks } from '../../src/image/hard-links.ts';
import { openImage } from '../../src/image/open-image.ts';
import { compareTreePaths } from '../../src/image/tree-order.ts';
import { TAR_IMAGE_NEEDS, useTarImages } from '../support/tar-image.ts';
import { describeWith } from '../support/tools.ts';

describe('the order of paths', () => {
  const ordered = ['/', '/a', '/a/a', '/a/b', '/a-b', '/a.b', '/ab', '/b', '/\xff'];

  it('puts a directory before what is in it, and that before longer names', () => {
    expect(ordered.toReversed().sort(compareTreePaths)).toEqual(ordered);
  });
});

describeWith(TAR_IMAGE_NEEDS, 'a walk', () => {
  const imageOf = useTarImages();

  it('is in that order, from any directory', async () => {
    const names = ['b', 'a', 'a-b', 'a/b', 'a/a', 'a/a/\xff', 'a.b', 'ab', 'a/a-', 'c/d/e/f'];
    const items = names.map((path) => ({ path: Buffer.from(`${path}/`, 'latin1') }));
    const { file } = await imageOf(items);
    const { reader, close } = openImage(file);
    const nodes = [...reader.walk()];
    const paths = nodes.map(({ path }) => path);
    expect(paths).toEqual(paths.toSorted(compareTreePaths));
    expect(paths).toHaveLength(names.length + 4);
    const start = nodes.find(({ path }) => path === '/a')!;
    const below = [...reader.walk(start)].map(({ path }) => path);
    expect(below).toEqual(paths.filter((path) => `${path}/`.startsWith('/a/')));
    close();
  });

  it('tells hard links apart', async () => {
    const { file } = await imageOf([
      { path: 'x/b', body: 'shared' },
      { path: 'x/a', type: 'hardlink', linkPath: 'x/b' },
      { path: 'x-', type: 'hardlink', linkPath: 'x/b' },
      { path: 'other', body: 'shared' },
    ]);
    const { reader, close } = openImage(file);
    const links = new HardLinks();
    const firsts = [...reader.walk()].map((node) => [node.path, links.first(node)]);
    close();
    expect(firsts).toEqual([
      ['/', '/'],
      ['/other', '/other'],
      ['/x', '/x'],
      ['/x/a', '/x/a'],
      ['/x/b', '/x/a'],
      ['/x-', '/x/a'],
    ]);
  });

  it('ends where more inodes than can be told apart have several names', async () => {
    const { file } = await imageOf([
      { path: 'a', body: 'one' },
      { path: 'b', type: 'hardlink', linkPath: 'a' },
      { path: 'c', body: 'two' },
      { path: 'd', type: 'hardlink', linkPath: 'c' },
    ]);
    const { reader, close } = openImage(file);
    const links = new HardLinks(1);
    const first = () => [...reader.walk()].map((node) => links.first(node));
    expect(first).toThrow(expect.objectContaining({ code: 'E_LIMIT', place: '/c' }));
    close();
  });
});
