/** Whiteouts and hard links in odd places: what each kind of broken, old or hostile layer comes to. */

import { describe, expect, it } from 'vitest';
import { Inodes } from '../../src/tree/inodes.ts';
import { LayerTree } from '../../src/tree/layer-tree.ts';
import { codeOf, entryOf, merge, mergeAs, place } from '../support/layers.ts';
import type { Reading } from '../support/naive-layers.ts';

const READINGS: readonly Reading[] = ['overlay', 'extract'];

describe('registry rows, whiteouts in odd places:', () => {
  const placed = (...entries: string[]) => {
    const layer = new LayerTree(new Inodes());
    return entries.map((text) => place(layer, entryOf(text, 0)));
  };

  it.each(['.wh.a/', '.wh.a', '.wh.a -> x', '.wh.a => x', '.wh.a @1', '.wh.a @0:0'])(
    'a whiteout of any type is one by its name: %s',
    (marker) => {
      expect(merge(['a', 'b'], [marker])).toEqual(['b 0']);
      expect(placed(marker)).toEqual([{ kind: 'mark' }]);
    },
  );

  it.each([
    '.wh..wh.foo',
    '.wh..wh.aufs',
    'a/.wh..wh.orph/',
    '.wh..wh.plnk/',
    '.wh..wh.plnk/s -> a',
  ])('a name of AUFS is ignored with a reason: %s', (entry) => {
    expect(placed(entry)).toEqual([{ kind: 'ignored', reason: expect.stringContaining('AUFS') }]);
    expect(merge(['.wh.foo', 'a/'], [entry])).toEqual(['a/ 0']);
  });

  it.each(READINGS)('files in .wh..wh.plnk are targets of links of their layer, %s', (reading) => {
    const kept = ['.wh..wh.plnk/', '.wh..wh.plnk/1.2'];
    expect(mergeAs(reading, [...kept, 'a => .wh..wh.plnk/1.2', 'b => /.wh..wh.plnk/1.2'])).toEqual([
      'a 0',
      'b 0',
    ]);
    expect(mergeAs(reading, ['a => .wh..wh.plnk/1.2', ...kept])).toEqual(['a 0']);
    expect(codeOf(() => mergeAs(reading, kept, ['a => .wh..wh.plnk/1.2']))).toBe('E_LINK');
    expect(codeOf(() => mergeAs(reading, ['a => .wh..wh.plnk/1.2']))).toBe('E_LINK');
    expect(codeOf(() => mergeAs(reading, ['d/', 'a => d/.wh..wh.plnk/1']))).toBe('E_LINK');
  });

  it.each(READINGS)(
    'no name of the result begins with .wh., even through a link, %s',
    (reading) => {
      for (const target of ['.wh.x', 'd/../.wh..wh.plnk', '/.wh.x/..']) {
        expect(codeOf(() => mergeAs(reading, [`s -> ${target}`, 's/x']))).toBe('E_PATH');
        expect(mergeAs(reading, [`s -> ${target}`, 's/.wh.x'])).toEqual(['s@ 0']);
      }
    },
  );

  it('below a lower file, a missing directory or a lower link a whiteout has no effect', () => {
    const lower = ['file', 'd/', 'd/x', 's -> d'];
    const expected = ['d/ 0', 'd/x 0', 'file 0', 's@ 0'];
    expect(merge(lower, ['file/.wh.x', 'missing/.wh.x', 's/.wh.x'])).toEqual(expected);
    expect(merge(lower, ['file/.wh..wh..opq', 's/.wh..wh..opq'])).toEqual(expected);
  });

  it('a whiteout in the first layer is ignored and does not appear', () => {
    expect(merge(['.wh.a', 'd/.wh..wh..opq', 'e/.wh.f', 'b'])).toEqual(['b 0']);
  });

  it('a whiteout for a lower path that is a directory here takes the lower children and attributes', () => {
    expect(merge(['d/', 'd/old'], ['d/new', '.wh.d'])).toEqual(['d/ ?', 'd/new 1']);
    expect(merge(['d'], ['d/', 'd/new', '.wh.d'])).toEqual(['d/ 1', 'd/new 1']);
  });

  it('a whiteout and an opaque marker add up', () => {
    expect(merge(['d/', 'd/x', 'e'], ['d/.wh..wh..opq', 'd/.wh.x', '.wh.e', 'd/y'])).toEqual([
      'd/ 0',
      'd/y 1',
    ]);
    expect(merge(['d/', 'd/x'], ['d/.wh..wh..opq', '.wh.d', 'd/y'])).toEqual(['d/ ?', 'd/y 1']);
  });

  it('an opaque marker of a directory that is absent below and here has no effect, and of a lower file neither', () => {
    expect(merge(['a'], ['b/c/.wh..wh..opq', 'a/.wh..wh..opq'])).toEqual(['a 0']);
  });

  it('markers go through links of their own layer, wherever these stand', () => {
    const lower = ['d/', 'd/x', 'd/y'];
    expect(merge(lower, ['s -> d', 's/.wh.x'])).toEqual(['d/ 0', 'd/y 0', 's@ 1']);
    expect(merge(lower, ['s/.wh.x', 's -> d'])).toEqual(['d/ 0', 'd/y 0', 's@ 1']);
    expect(merge(lower, ['s/.wh..wh..opq', 's -> d'])).toEqual(['d/ 0', 's@ 1']);
  });

  it.each(READINGS)(
    'a character device 0:0 is a whiteout, as overlayfs takes it, %s',
    (reading) => {
      expect(mergeAs(reading, ['a', 'd/', 'd/x'], ['a @0', 'd @0'])).toEqual([]);
      expect(mergeAs(reading, ['d/', 'd/x', 'd/y'], ['d/x @0'])).toEqual(['d/ 0', 'd/y 0']);
      expect(mergeAs(reading, ['a'], ['a', 'a @0'])).toEqual(['a 1']);
      expect(mergeAs(reading, ['a'], ['a @0', 'a'])).toEqual(['a 1']);
      expect(mergeAs(reading, ['a @1', 'b @0'])).toEqual(['a 0']);
      expect(codeOf(() => mergeAs(reading, ['. @0']))).toBe('E_PATH');
      expect(placed('a @0')).toEqual([{ kind: 'ignored', reason: expect.stringContaining('0:0') }]);
    },
  );
});

describe('registry rows, hard links:', () => {
  it.each(READINGS)('to a replaced or deleted lower file, %s', (reading) => {
    expect(mergeAs(reading, ['a'], ['.wh.a', 'b => a'])).toEqual(['b 0']);
    expect(mergeAs(reading, ['a'], ['b => a', 'a'])).toEqual(['a 1', 'b 1']);
    expect(mergeAs(reading, ['d/', 'd/a'], ['d', 'b => d/a'])).toEqual(['b 0', 'd 1']);
    expect(mergeAs(reading, ['d/', 'd/a'], ['b => d/a', 'd/.wh..wh..opq'])).toEqual([
      'b 0',
      'd/ 0',
    ]);
    expect(mergeAs(reading, ['a', 'b => a'], ['a', 'b => a'])).toEqual(['a 1', 'b 1']);
    expect(mergeAs(reading, ['a'], ['b => a'], ['a'])).toEqual(['a 2', 'b 0']);
  });

  it.each(READINGS)('to a lower symbolic link share the link itself, %s', (reading) => {
    expect(mergeAs(reading, ['a', 's -> a'], ['b => s'])).toEqual(['a 0', 'b@ 0', 's@ 0']);
  });

  it.each(READINGS)(
    'to themselves, a whiteout, a directory or nothing are refused, %s',
    (reading) => {
      const lower = ['a', 'd/', 'e/f'];
      for (const link of ['a => a', 'b => b', 'b => ./x/../b', 'b => .wh.a', 'b => d', 'b => e']) {
        expect([link, codeOf(() => mergeAs(reading, lower, [link]))]).toEqual([link, 'E_LINK']);
      }
      for (const layer of [
        ['b => missing'],
        ['b => a/x'],
        ['b => d/x'],
        ['b => .'],
        ['d2/x', 'b => d2'],
      ]) {
        expect([layer, codeOf(() => mergeAs(reading, lower, layer))]).toEqual([layer, 'E_LINK']);
      }
      expect(codeOf(() => mergeAs(reading, lower, ['. => a']))).toBe('E_PATH');
    },
  );

  it('to a file behind a lower symbolic link are found in the tree of the layers below', () => {
    const base = ['usr/', 'usr/lib/', 'usr/lib/x'];
    expect(merge([...base, 'lib -> usr/lib'], ['b => lib/x'])).toContain('b 0');
    expect(merge(['lib -> usr/lib'], base, ['b => lib/x'])).toContain('b 1');
    expect(merge(base, ['lib -> usr/lib'], ['b => lib/x'])).toContain('b 0');
    expect(merge([...base, 'lib -> /a/../usr/lib'], ['usr/lib/x'], ['b => lib/x'])).toContain(
      'b 1',
    );
    expect(merge([...base, 'l1 -> usr'], ['l2 => l1'], ['b => l2/lib/x'])).toContain('b 0');
    expect(merge([...base, 'lib -> usr/lib'], ['b => lib/x'], ['c => b', '.wh.usr'])).toEqual([
      'b 0',
      'c 0',
      'lib@ 0',
    ]);
  });

  it('to a file behind a lower symbolic link that is hidden, cut off or endless are refused', () => {
    const base = ['usr/', 'usr/lib/', 'usr/lib/x', 'lib -> usr/lib'];
    for (const middle of [
      'lib/y',
      '.wh.lib',
      'usr/.wh.lib',
      'usr/lib/.wh..wh..opq',
      '.wh..wh..opq',
      'usr',
    ]) {
      expect([middle, codeOf(() => merge(base, [middle], ['b => lib/x']))]).toEqual([
        middle,
        'E_LINK',
      ]);
    }
    expect(codeOf(() => merge(['s -> s'], ['b => s/x']))).toBe('E_LINK');
    expect(codeOf(() => merge(['usr/x/', 's -> usr'], ['b => s/x']))).toBe('E_LINK');
  });

  it('to a file in a directory that is new above an opaque one are refused', () => {
    expect(codeOf(() => merge(['d/x'], ['d/', '.wh..wh..opq'], ['b => d/x']))).toBe('E_LINK');
  });
});
