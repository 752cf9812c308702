/** Layers extracted over each other against umoci, which does the same on a disk. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitraryLayers } from '../support/arbitrary-layers.ts';
import { type EntryText, entryOf, mergeEntries, treeOf } from '../support/layers.ts';
import type { SimpleEntry } from '../support/naive-layers.ts';
import { describeWith } from '../support/tools.ts';
import { UMOCI_NEEDS, umociTree } from '../support/umoci-tree.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const LINKED = ['usr/', 'usr/lib/', 'usr/lib/x', 'lib -> usr/lib'];
/** Stacks are unpacked one by one, some tens of milliseconds each. */
const RANDOM_STACKS = 40;

function numbered(stack: readonly (readonly EntryText[])[]): SimpleEntry[][] {
  let id = 0;
  return stack.map((texts) => texts.map((text) => entryOf(text, ++id)));
}

const sorted = (tree: ReadonlyMap<string, string>) => [...tree].sort();
const extracted = (layers: readonly (readonly SimpleEntry[])[]) => {
  const { names, inodes } = mergeEntries('extract', layers);
  return sorted(treeOf(names, inodes));
};

describeWith(UMOCI_NEEDS, 'the tree that umoci extracts', () => {
  const path = useWorkFolder();

  it.each([
    [[LINKED, ['lib/y', 'lib/d/', 'lib/d/z']]],
    [[LINKED, ['lib/', 'lib/y']]],
    [[LINKED, ['lib/y', 'lib/', 'lib/z']]],
    [[LINKED, ['lib/.wh.x']]],
    [[LINKED, ['lib/.wh..wh..opq', 'lib/y']]],
    [[LINKED, ['lib/', 'lib/.wh..wh..opq', 'lib/.wh.x']]],
    [[LINKED, ['.wh.lib', 'lib/y']]],
    [[LINKED, ['b => lib/x', 'lib/c => lib/x', 'lib/.wh.x']]],
    [[LINKED, ['s -> lib', 's/y', 's/.wh.x']]],
    [[LINKED, ['usr/lib/y -> /opt'], ['lib/y/z']]],
    [[['s -> missing/../d'], ['s/x', 'missing -> far/away', 's/y']]],
    [[['d -> e/f'], ['s -> d/../g'], ['s/x']]],
    [[['s -> ../../../etc'], ['s/x', 's/../y']]],
    [
      [
        ['d/', 'd/a/', 'd/a/x', 'd/b'],
        ['d/new', 'd/.wh.a'],
        ['.wh.d', 'd/newer'],
      ],
    ],
    [[['a'], ['b => a', '.wh.a'], ['c => b'], ['b']]],
  ])('is ours: %j', async (stack) => {
    const layers = numbered(stack);
    const tree = await umociTree(path('stack'), layers);
    expect(extracted(layers)).toEqual(sorted(tree!));
  });

  it('is ours for random layers without markers', async () => {
    const stacks = fc.sample(
      arbitraryLayers({ odd: false, markers: false, maxLayers: 3, maxEntries: 5 }),
      { seed: 20261124, numRuns: RANDOM_STACKS },
    );
    let accepted = 0;
    for (const layers of stacks) {
      const tree = await umociTree(path('stack'), layers);
      if (tree === undefined) continue;
      accepted++;
      expect([layers, extracted(layers)]).toEqual([layers, sorted(tree)]);
    }
    expect(accepted).toBeGreaterThan(RANDOM_STACKS / 4);
  });
});
