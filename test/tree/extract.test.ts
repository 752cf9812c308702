/** Layers extracted over each other: entries go through the symbolic links of lower layers. */

import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/bytes.ts';
import { ExtractedTree } from '../../src/tree/extracted-tree.ts';
import { Inodes } from '../../src/tree/inodes.ts';
import { codeOf, type EntryText, entryOf, mergeAs, place } from '../support/layers.ts';

const extract = (...layers: (readonly EntryText[])[]) => mergeAs('extract', ...layers);

/** A lower layer in which `lib` is a link, as in images where `/lib` and `/usr/lib` are one. */
const LINKED = ['usr/', 'usr/lib/', 'usr/lib/x', 'lib -> usr/lib'];
const UNCHANGED = ['lib@ 0', 'usr/ 0', 'usr/lib/ 0', 'usr/lib/x 0'];

describe('an entry below a lower symbolic link', () => {
  it('goes where the link leads, and replaces what is there', () => {
    expect(extract(LINKED, ['lib/y', 'lib/d/'])).toEqual(
      [...UNCHANGED, 'usr/lib/d/ 1', 'usr/lib/y 1'].sort(),
    );
    expect(extract(LINKED, ['lib/x'])).toEqual([...UNCHANGED.slice(0, 3), 'usr/lib/x 1']);
  });

  it('goes there through the links of all layers below', () => {
    expect(extract(LINKED, ['usr/lib/y -> /opt'], ['lib/y/z'])).toContain('opt/z 2');
    expect(extract(['d -> e/f'], ['s -> d/../g'], ['s/x'])).toContain('e/g/x 2');
    expect(extract(LINKED, ['s -> lib', 's/y'])).toContain('usr/lib/y 1');
    expect(extract(LINKED, ['l => lib'], ['l/y'])).toContain('usr/lib/y 2');
  });

  it('is where its layer put it if later links and directories say otherwise', () => {
    expect(extract(LINKED, ['lib/y', 'lib/', 'lib/z'])).toEqual(
      ['lib/ 1', 'lib/z 1', 'usr/ 0', 'usr/lib/ 0', 'usr/lib/x 0', 'usr/lib/y 1'].sort(),
    );
    expect(extract(['s -> missing/../d'], ['s/x', 'missing -> far/away', 's/y'])).toEqual([
      'd/ ?',
      'd/x 1',
      'far/ ?',
      'far/d/ ?',
      'far/d/y 1',
      'missing@ 1',
      's@ 0',
    ]);
  });

  it('stays at its name where the layer says that the link is a directory now', () => {
    expect(extract(LINKED, ['lib/', 'lib/y'])).toEqual([
      'lib/ 1',
      'lib/y 1',
      'usr/ 0',
      'usr/lib/ 0',
      'usr/lib/x 0',
    ]);
  });

  it('makes the directories that a link leads to and nobody made, but not those that it leaves again', () => {
    expect(extract(['s -> a/b'], ['s/x'])).toEqual(['a/ ?', 'a/b/ ?', 'a/b/x 1', 's@ 0']);
    expect(extract(['s -> a/../b'], ['s/x'])).toEqual(['b/ ?', 'b/x 1', 's@ 0']);
  });

  it('never leaves the root', () => {
    for (const target of ['../../etc', '/../etc', '/etc', 'etc', 'd/../../etc/.']) {
      expect(extract([`s -> ${target}`, 'd/'], ['s/x'])).toContain('etc/x 1');
    }
    expect(extract(['s -> ..'], ['s/x'])).toEqual(['s@ 0', 'x 1']);
  });

  it('goes through forty links and no more', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => `l${i} -> ${i === 0 ? 'd' : `l${i - 1}`}`);
    expect(extract(chain(40), ['l39/x'])).toContain('d/x 1');
    expect(codeOf(() => extract(chain(41), ['l40/x']))).toBe('E_PATH');
    expect(codeOf(() => extract(['s -> s'], ['s/x']))).toBe('E_PATH');
  });

  it('is refused below a lower file or device', () => {
    expect(codeOf(() => extract(['f'], ['f/x']))).toBe('E_PATH');
    expect(codeOf(() => extract(['f @1', 's -> f'], ['s/x']))).toBe('E_PATH');
    expect(codeOf(() => extract(['f', 's -> f/..'], ['s/x']))).toBe('E_PATH');
    expect(extract(['f'], ['.wh.f', 'f/x'])).toEqual(['f/ ?', 'f/x 1']);
    expect(extract(['f'], ['f/', 'f/x'])).toEqual(['f/ 1', 'f/x 1']);
  });
});

describe('markers below a lower symbolic link', () => {
  it('go where it leads', () => {
    const rest = UNCHANGED.slice(0, 3);
    expect(extract(LINKED, ['lib/.wh.x'])).toEqual(rest);
    expect(extract(LINKED, ['lib/.wh..wh..opq', 'lib/y'])).toEqual([...rest, 'usr/lib/y 1']);
    expect(extract(LINKED, ['lib/x @0'])).toEqual(rest);
  });

  it('delete the link and not its target where they name it', () => {
    expect(extract(LINKED, ['.wh.lib'])).toEqual(UNCHANGED.slice(1));
    expect(extract(LINKED, ['lib/y', '.wh.lib'])).toEqual(
      ['lib/ ?', 'lib/y 1', ...UNCHANGED.slice(1)].sort(),
    );
  });

  it('do not go through a link that their layer replaces, wherever they stand', () => {
    const expected = ['lib/ 1', ...UNCHANGED.slice(1)];
    expect(extract(LINKED, ['lib/', 'lib/.wh..wh..opq', 'lib/.wh.x'])).toEqual(expected);
    expect(extract(LINKED, ['lib/.wh..wh..opq', 'lib/.wh.x', 'lib/'])).toEqual(expected);
    expect(extract(LINKED, ['lib', 'lib/.wh.x'])).toEqual(['lib 1', ...UNCHANGED.slice(1)]);
    expect(extract([...LINKED, 'd/', 'd/x'], ['lib/.wh.x', 'lib -> d'])).toEqual(
      ['d/ 0', 'lib@ 1', ...UNCHANGED.slice(1)].sort(),
    );
  });

  it('have no effect where they lead nowhere', () => {
    expect(extract(['s -> s', 'f'], ['s/.wh.x', 'f/.wh.x', 'm/.wh.x', 'm/.wh..wh..opq'])).toEqual([
      'f 0',
      's@ 0',
    ]);
  });
});

describe('hard links through a lower symbolic link', () => {
  it('share the file behind it', () => {
    expect(extract(LINKED, ['b => lib/x'])).toContain('b 0');
    expect(extract(LINKED, ['lib/b => lib/x'])).toContain('usr/lib/b 0');
    expect(extract(LINKED, ['lib/y', 'b => usr/lib/y'])).toContain('b 1');
    expect(extract(LINKED, ['b => usr/lib/y', 'lib/y'])).toContain('b 1');
    expect(extract(LINKED, ['b => lib/x', 'usr/lib/.wh.x'])).toContain('b 0');
    expect(extract(['d/', 'd/a'], ['s -> d', 'b => s/a'])).toContain('b 0');
  });

  it('are refused where nothing is behind it', () => {
    expect(codeOf(() => extract(LINKED, ['b => lib/y']))).toBe('E_LINK');
    expect(codeOf(() => extract(LINKED, ['.wh.lib'], ['b => lib/x']))).toBe('E_LINK');
    expect(codeOf(() => extract(['s -> s'], ['b => s/x']))).toBe('E_LINK');
    expect(codeOf(() => extract(LINKED, ['b => c', 'c => b']))).toBe('E_LINK');
    expect(codeOf(() => extract(['s -> d', 'd/x'], ['d/b => s/b']))).toBe('E_LINK');
  });
});

describe('many entries', () => {
  it('below lower links, in many directories', () => {
    const paths = Array.from({ length: 50_000 }, (_, i) => `lib/d${i % 1000}/f${i}`);
    expect(extract(LINKED, paths, paths)).toHaveLength(UNCHANGED.length + 51_000);
  });

  it('behind links that lead through very many names are refused', () => {
    const far = 'a/../'.repeat(800);
    const chain = Array.from({ length: 40 }, (_, i) => `l${i} -> ${far}${i ? `l${i - 1}` : 'd'}`);
    const entries = Array.from({ length: 150 }, (_, i) => `l39/d${i}/x`);
    expect(extract(chain, entries.slice(0, 10))).toContain('d/d9/x 1');
    expect(codeOf(() => extract(chain, entries))).toBe('E_LIMIT');
    expect(codeOf(() => mergeAs('overlay', [...chain, ...entries]))).toBe('E_LIMIT');
  });
});

describe('what is taken for hidden while layers come', () => {
  const hidden = (upper: readonly EntryText[][], text: EntryText) => {
    const merged = new ExtractedTree(new Inodes());
    for (const entries of upper) {
      const layer = merged.newLayer();
      for (const entry of entries) place(layer, entryOf(entry, 1));
      merged.add(layer);
    }
    const layer = merged.newLayer();
    const placement = place(layer, entryOf(text, 0));
    return merged.hides(layer.names, placement.kind === 'placed' ? placement.node : 0);
  };

  it.each([
    [[], 'a', false],
    [[['a']], 'a', true],
    [[['a/x']], 'a/y', false],
    [[['.wh.a']], 'a/b/c', true],
    [[['a @0']], 'a/b', true],
    [[['a/.wh..wh..opq']], 'a/b/c', true],
    [[['s -> d'], ['a']], 's/x', true],
    [[['b'], ['a', '.wh.b']], 'a', true],
  ])('under %j is %s: %s', (upper, lower, expected) => {
    expect(hidden(upper, lower)).toBe(expected);
  });

  it('leaves out what links of upper layers may mean', () => {
    const merged = new ExtractedTree(new Inodes());
    const layer = merged.newLayer();
    for (const text of ['.wh.a', 'b => ./a', 'x', 'c => x']) place(layer, entryOf(text, 1));
    merged.add(layer);
    expect([...merged.wantedPaths()]).toEqual(['a']);
    expect(merged.names.find(1, fromLatin1('b'), 0, 1)).toBe(0);
  });
});
