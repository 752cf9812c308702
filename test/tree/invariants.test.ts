/** What holds for every stack of layers, however it is read. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { arbitraryLayers } from '../support/arbitrary-layers.ts';
import { mergeEntries, treeOf } from '../support/layers.ts';
import type { Reading, SimpleEntry } from '../support/naive-layers.ts';

type Stack = readonly (readonly SimpleEntry[])[];

const OPTIONS = { seed: Number(process.env.FAST_CHECK_SEED ?? 20261124), numRuns: 1000 };
const READINGS: readonly Reading[] = ['overlay', 'extract'];

/** The tree by path, or undefined where the layers are refused. */
function treeBy(reading: Reading, stack: Stack): Record<string, string> | undefined {
  try {
    const { names, inodes } = mergeEntries(reading, stack);
    return Object.fromEntries(treeOf(names, inodes));
  } catch (error) {
    if (error instanceof ErofsWasmError && error.category === 'input') return undefined;
    throw error;
  }
}

const isMarker = ({ path, type, device }: SimpleEntry) =>
  path.includes('.wh.') || (type === 'char' && device === 0);

/** The names that the entry needs to be directories, and its own if it is one. */
function directoriesOf({ path, type }: SimpleEntry): string[] {
  const names = path.split('/').filter(Boolean);
  const count = type === 'directory' ? names.length : names.length - 1;
  return Array.from({ length: count }, (_, i) => names.slice(0, i + 1).join('/'));
}

/** Whether a name is a directory and something else in one layer. */
function changesType(layer: readonly SimpleEntry[]): boolean {
  const directories = new Set(layer.flatMap(directoriesOf));
  return layer.some(({ path, type }) => type !== 'directory' && directories.has(path));
}

/** Whether a hard link stands before its target. */
function linksAhead(layer: readonly SimpleEntry[]): boolean {
  return layer.some(
    ({ type, target }, i) =>
      type === 'hardlink' && layer.some((e, j) => j > i && e.path === target),
  );
}

describe.each(READINGS)('layers read as %s', (reading) => {
  it('come to the same tree wherever the markers of a layer stand', () => {
    const stacks = fc.tuple(arbitraryLayers(), fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(stacks, ([stack, numbers]) => {
        const moved = stack.map((layer) => {
          const result = layer.filter((entry) => !isMarker(entry));
          for (const marker of layer.filter(isMarker)) {
            result.splice(numbers.next().value! % (result.length + 1), 0, marker);
          }
          return result;
        });
        expect(treeBy(reading, moved)).toEqual(treeBy(reading, stack));
      }),
      OPTIONS,
    );
  });

  it('come to the same tree where a layer without markers is cut in two', () => {
    let compared = 0;
    const stacks = fc.tuple(
      arbitraryLayers({ odd: false, markers: false, maxLayers: 2 }),
      fc.nat(8),
    );
    fc.assert(
      fc.property(stacks, ([stack, cut]) => {
        const top = stack.at(-1)!;
        fc.pre(!changesType(top) && !linksAhead(top));
        // A lower link is hidden where an overlay has entries below it; that is what the readings differ in.
        fc.pre(reading === 'extract' || !stack.flat().some(({ type }) => type === 'symlink'));
        const whole = treeBy(reading, stack);
        fc.pre(whole !== undefined);
        compared++;
        const parts = [...stack.slice(0, -1), top.slice(0, cut), top.slice(cut)];
        expect(treeBy(reading, parts)).toEqual(whole);
      }),
      OPTIONS,
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('have no name that is reserved', () => {
    fc.assert(
      fc.property(arbitraryLayers(), (stack) => {
        expect(Object.keys(treeBy(reading, stack) ?? {}).join()).not.toContain('.wh.');
      }),
      OPTIONS,
    );
  });
});

describe('both readings', () => {
  it('come to the same tree where there is no symbolic link and no file becomes a directory', () => {
    let compared = 0;
    fc.assert(
      fc.property(arbitraryLayers({ odd: false }), (stack) => {
        fc.pre(!stack.flat().some(({ type }) => type === 'symlink'));
        fc.pre(!changesType(stack.flat().filter((entry) => !isMarker(entry))));
        compared++;
        expect(treeBy('extract', stack)).toEqual(treeBy('overlay', stack));
      }),
      OPTIONS,
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('come to the same tree for one layer alone', () => {
    fc.assert(
      fc.property(arbitraryLayers({ maxLayers: 1 }), (stack) => {
        expect(treeBy('extract', stack)).toEqual(treeBy('overlay', stack));
      }),
      OPTIONS,
    );
  });
});
