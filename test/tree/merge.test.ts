import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/bytes.ts';
import { Inodes } from '../../src/tree/inodes.ts';
import { MergedTree } from '../../src/tree/merged-tree.ts';
import { ROOT } from '../../src/tree/name-tree.ts';
import { codeOf, layerOf, merge } from '../support/layers.ts';

describe('layers over each other', () => {
  it('shows files of all layers, and the upper one of two', () => {
    expect(merge(['a/', 'a/x', 'a/y'], ['a/', 'a/y', 'b'])).toEqual([
      'a/ 1',
      'a/x 0',
      'a/y 1',
      'b 1',
    ]);
  });

  it('keeps a lower directory’s attributes where the upper layer only passes through', () => {
    expect(merge(['a/', 'a/x'], ['a/y'])).toEqual(['a/ 0', 'a/x 0', 'a/y 1']);
  });

  it('makes a missing parent without attributes', () => {
    expect(merge(['a/b/c'])).toEqual(['a/ ?', 'a/b/ ?', 'a/b/c 0']);
  });

  it('replaces a directory by a file, with all below it', () => {
    expect(merge(['a/', 'a/x'], ['a'])).toEqual(['a 1']);
  });

  it('replaces a file by a directory', () => {
    expect(merge(['a'], ['a/', 'a/x'])).toEqual(['a/ 1', 'a/x 1']);
  });

  it('does not let a directory under a hidden file shine through', () => {
    expect(merge(['a/', 'a/deep'], ['a'], ['a/', 'a/x'])).toEqual(['a/ 2', 'a/x 2']);
    expect(merge(['a/', 'a/deep'], ['a'], ['a/x'])).toEqual(['a/ ?', 'a/x 2']);
  });

  it('reads a lower symbolic link under an upper directory as an overlay does: it is hidden', () => {
    expect(merge(['usr/', 'usr/lib/', 'lib -> usr/lib'], ['lib/x'])).toEqual([
      'lib/ ?',
      'lib/x 1',
      'usr/ 0',
      'usr/lib/ 0',
    ]);
  });

  it('follows a symbolic link of the same layer', () => {
    expect(merge(['usr/', 'usr/lib/', 'lib -> usr/lib', 'lib/x'])).toEqual([
      'lib@ 0',
      'usr/ 0',
      'usr/lib/ 0',
      'usr/lib/x 0',
    ]);
    expect(merge(['a/', 'a/b -> /c/../../d', 'a/b/x'])).toContain('d/x 0');
  });
});

describe('whiteouts', () => {
  it('hide a lower file, and a lower directory with all below it', () => {
    expect(merge(['a', 'b/', 'b/x', 'c'], ['.wh.a', '.wh.b'])).toEqual(['c 0']);
  });

  it('do not hide what their own layer adds, in either order', () => {
    expect(merge(['foo'], ['foo', '.wh.foo'])).toEqual(['foo 1']);
    expect(merge(['foo'], ['.wh.foo', 'foo'])).toEqual(['foo 1']);
    expect(merge(['d/', 'd/old'], ['d/', 'd/new', '.wh.d'])).toEqual(['d/ 1', 'd/new 1']);
    expect(merge(['d/', 'd/old'], ['.wh.d', 'd/', 'd/new'])).toEqual(['d/ 1', 'd/new 1']);
  });

  it('of a layer do not reach what an upper layer adds again', () => {
    expect(merge(['a/', 'a/x'], ['.wh.a'], ['a/', 'a/y'])).toEqual(['a/ 2', 'a/y 2']);
    expect(merge(['a/', 'a/x'], ['.wh.a'], ['a/y'])).toEqual(['a/ ?', 'a/y 2']);
  });

  it('without a target, under a missing directory or under a file change nothing', () => {
    expect(merge(['a'], ['.wh.b', 'c/.wh.d', 'a/.wh.e'])).toEqual(['a 0']);
    expect(merge(['.wh.a', 'b'])).toEqual(['b 0']);
  });

  it('below a file of their own layer change nothing, as umoci writes them for a directory that became a file', () => {
    expect(merge(['a/', 'a/x', 'a/y'], ['a', 'a/.wh.x', 'a/.wh..wh..opq'])).toEqual(['a 1']);
    expect(merge(['a/', 'a/x', 'a/y'], ['a/.wh.x', 'a/.wh.y', 'a'])).toEqual(['a 1']);
  });

  it('in the root do not reach into directories', () => {
    expect(merge(['x', 'a/', 'a/x'], ['.wh.x'])).toEqual(['a/ 0', 'a/x 0']);
  });

  it.each(['.wh.', 'a/.wh.', '.wh..', '.wh...'])('that name no file are refused: %s', (entry) => {
    expect(codeOf(() => merge([entry]))).toBe('E_WHITEOUT');
  });

  it('with entries below them are refused', () => {
    expect(codeOf(() => merge(['.wh.a/b']))).toBe('E_WHITEOUT');
  });

  it('leave AUFS bookkeeping out', () => {
    expect(merge(['.wh..wh.plnk/', '.wh..wh.plnk/12.3', '.wh..wh.aufs', 'a'])).toEqual(['a 0']);
  });
});

describe('opaque directories', () => {
  it('hide lower children, wherever the marker stands, and keep their own layer’s', () => {
    const lower = ['a/', 'a/b/', 'a/b/old', 'a/old'];
    const expected = ['a/ 1', 'a/b/ ?', 'a/b/c/ ?', 'a/b/c/foo 1'];
    expect(merge(lower, ['a/', 'a/b/c/foo', 'a/.wh..wh..opq'])).toEqual(expected);
    expect(merge(lower, ['a/.wh..wh..opq', 'a/', 'a/b/c/foo'])).toEqual(expected);
  });

  it('keep the lower attributes where the layer has no entry for the directory', () => {
    expect(merge(['a/', 'a/x'], ['a/.wh..wh..opq'])).toEqual(['a/ 0']);
  });

  it('hide all lower layers, not only the next', () => {
    expect(merge(['a/', 'a/x'], ['a/', 'a/y'], ['a/', 'a/.wh..wh..opq'])).toEqual(['a/ 2']);
    expect(merge(['a/', 'a/x'], ['a/', 'a/y', 'a/.wh..wh..opq'], ['a/', 'a/z'])).toEqual([
      'a/ 2',
      'a/y 1',
      'a/z 2',
    ]);
  });

  it('at the root drop everything lower', () => {
    expect(merge(['a', 'b/', 'b/c'], ['.wh..wh..opq', 'd'])).toEqual(['d 1']);
  });

  it('that exist nowhere have no effect', () => {
    expect(merge(['a'], ['b/.wh..wh..opq'])).toEqual(['a 0']);
  });
});

describe('hard links', () => {
  it('to a file of the same layer share its inode, also when it comes later', () => {
    expect(merge(['a', 'b => a'])).toEqual(['a 0', 'b 0']);
    expect(merge(['b => a', 'a'])).toEqual(['a 0', 'b 0']);
    expect(merge(['c => b', 'b => a', 'a'])).toEqual(['a 0', 'b 0', 'c 0']);
  });

  it('to a file of a lower layer', () => {
    expect(merge(['a'], ['b => a'])).toEqual(['a 0', 'b 0']);
    expect(merge(['a'], ['x'], ['b => ./a'])).toEqual(['a 0', 'b 0', 'x 1']);
  });

  it('keep the lower file although its own name is deleted or replaced', () => {
    expect(merge(['a'], ['b => a'], ['.wh.a'])).toEqual(['b 0']);
    expect(merge(['a'], ['b => a'], ['a'])).toEqual(['a 2', 'b 0']);
    expect(merge(['a'], ['b => a', '.wh.a'])).toEqual(['b 0']);
  });

  it('to a link of a lower layer', () => {
    expect(merge(['a'], ['b => a'], ['c => b'])).toEqual(['a 0', 'b 0', 'c 0']);
  });

  it('go to the file that the lower layers show, not to one below it', () => {
    expect(merge(['a'], ['a'], ['b => a'])).toEqual(['a 1', 'b 1']);
  });

  it('to a symbolic link share the link itself', () => {
    expect(merge(['a', 's -> a', 'b => s'])).toEqual(['a 0', 'b@ 0', 's@ 0']);
  });

  it.each([
    [[['b => a']]],
    [[['a'], ['.wh.a'], ['b => a']]],
    [[['d/', 'd/a'], ['d/.wh..wh..opq'], ['b => d/a']]],
    [[['d/', 'd/a'], ['d'], ['b => d/a']]],
    [[['a/'], ['b => a']]],
    [[['a/', 'b => a']]],
    [[['b => b']]],
    [[['b => c', 'c => b']]],
  ])('without a file to share are refused: %j', (layers) => {
    expect(codeOf(() => merge(...layers))).toBe('E_LINK');
  });
});

describe('one layer', () => {
  it('lets the last of two entries win; directories keep what is below them', () => {
    expect(merge(['a', 'a/', 'a/x', 'a/'])).toEqual(['a/ 0', 'a/x 0']);
    expect(merge(['a/', 'a/x', 'a'])).toEqual(['a 0']);
    expect(merge(['a/', 'a/x', 'a', 'a/', 'a/y'])).toEqual(['a/ 0', 'a/y 0']);
  });

  it('gives names again that were taken back, and only those', () => {
    const files = Array.from({ length: 50 }, (_, i) => `d/f${i}`);
    expect(merge([...files, 'd', 'd/', 'd/f7', 'd/new', 'd', 'd/f9'.replace('d/', 'e/')])).toEqual([
      'd 0',
      'e/ ?',
      'e/f9 0',
    ]);
    expect(merge([...files, 'd', 'd/', 'd/f7', 'd/new'])).toEqual(['d/ 0', 'd/f7 0', 'd/new 0']);
  });

  it('replaces a directory that was large over and over, without walking through what it had', () => {
    const files = Array.from({ length: 100_000 }, (_, i) => `d/f${i}`);
    const flips = Array.from({ length: 60_000 }, (_, i) => (i % 2 === 0 ? 'd' : 'd/'));
    expect(merge([...files, ...flips, 'd/x'])).toEqual(['d/ 0', 'd/x 0']);
  });

  it('takes a hundred thousand links to lower files', () => {
    const links = Array.from({ length: 100_000 }, (_, i) => `l${i} => a`);
    expect(merge(['a'], links)).toHaveLength(100_001);
  });

  it('refuses a tree deeper than any path, which links into links can make', () => {
    const half = 'd/'.repeat(1500);
    expect(codeOf(() => merge([half, `s -> ${half}`, `s/${half}`]))).toBe('E_LIMIT');
    expect(merge(['x'], ['d/'.repeat(2040)])).toHaveLength(2041);
  });

  it('reads every spelling of a path alike', () => {
    expect(merge(['./a/', '/a//b', 'a/./c', 'a/../d', './/a/e/'])).toEqual([
      'a/ 0',
      'a/b 0',
      'a/c 0',
      'a/e/ 0',
      'd 0',
    ]);
  });

  it.each(['../x', 'a/../../x', '..'])('refuses a path out of the image: %s', (entry) => {
    expect(codeOf(() => merge([entry]))).toBe('E_PATH');
  });

  it('refuses a file as root, a name of 256 bytes, a loop of links, and a file as a parent', () => {
    expect(codeOf(() => merge(['.']))).toBe('E_PATH');
    expect(codeOf(() => merge(['n'.repeat(256)]))).toBe('E_PATH');
    expect(merge(['n'.repeat(255)])).toHaveLength(1);
    expect(codeOf(() => merge(['a -> b', 'b -> a', 'a/x']))).toBe('E_PATH');
    expect(codeOf(() => merge(['a', 'a/x']))).toBe('E_PATH');
  });
});

describe('symbolic links above an entry', () => {
  it('are followed forty times a path and no more, so that nested ones do not multiply', () => {
    const chain = (length: number) => {
      const links = Array.from({ length }, (_, i) => `l${i} -> ${i === 0 ? 'd' : `l${i - 1}`}`);
      return ['d/', ...links, `l${length - 1}/x`];
    };
    expect(merge(chain(40))).toContain('d/x 0');
    expect(codeOf(() => merge(chain(41)))).toBe('E_PATH');
    const bomb = Array.from({ length: 39 }, (_, i) => `b${i + 1} -> b${i}/../b${i}`);
    expect(codeOf(() => merge(['b0/', ...bomb, 'b39/x']))).toBe('E_PATH');
  });

  it('that lead through a name of 256 bytes are refused, where an entry needs them', () => {
    expect(codeOf(() => merge([`s -> ${'n'.repeat(256)}`, 's/x']))).toBe('E_PATH');
    expect(merge([`s -> ${'n'.repeat(256)}`])).toEqual(['s@ 0']);
  });
});

describe('what is hidden', () => {
  const hidden = (upper: string[][], lower: string, target = lower) => {
    const inodes = new Inodes();
    const merged = new MergedTree(inodes);
    upper.forEach((entries, i) => {
      merged.add(layerOf(inodes, 9 - i, entries));
    });
    const layer = layerOf(inodes, 0, [lower]);
    const node = target
      .split('/')
      .reduce((at, name) => layer.names.find(at, fromLatin1(name), 0, name.length), ROOT);
    return merged.hides(layer.names, node);
  };

  it.each([
    [[['a']], 'a', true],
    [[['b']], 'a', false],
    [[['.wh.a']], 'a', true],
    [[['.wh.a']], 'a/b/c', true],
    [[['a']], 'a/b', true],
    [[['a/', 'a/.wh..wh..opq']], 'a/b/c', true],
    [[['a/', 'a/b/', 'a/.wh..wh..opq']], 'a/b/c', true],
    [[['a/', 'a/x']], 'a/b', false],
    [[['a/x']], 'a', true],
    [[['a/.wh.x']], 'a', false],
    [[['a/.wh.x']], 'a/x', true],
    [[['z'], ['.wh..wh..opq']], 'a', true],
    [[['a/'], ['a']], 'a/b', true],
  ])('under %j is %s: %s', (upper, lower, expected) => {
    expect(hidden(upper, lower)).toBe(expected);
  });
});
