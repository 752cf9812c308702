/** The merging of layers against a second, naive one, on random layers over few names. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { arbitraryLayers } from '../support/arbitrary-layers.ts';
import { mergeEntries, treeOf } from '../support/layers.ts';
import { applyNaively, type Reading, Refused, type SimpleEntry } from '../support/naive-layers.ts';

/** Enough to meet what three names and eight entries can do, in a few seconds. */
const RUNS = 2000;

const REFUSED = 'refused';
type Outcome = Record<string, string> | typeof REFUSED;
type Layers = readonly (readonly SimpleEntry[])[];

function expected(reading: Reading, layers: Layers): Outcome {
  try {
    return Object.fromEntries(applyNaively(reading, layers));
  } catch (error) {
    if (error instanceof Refused) return REFUSED;
    throw error;
  }
}

function actual(reading: Reading, layers: Layers): Outcome {
  try {
    const { names, inodes } = mergeEntries(reading, layers);
    return Object.fromEntries(treeOf(names, inodes));
  } catch (error) {
    if (error instanceof ErofsWasmError && error.category === 'input') return REFUSED;
    throw error;
  }
}

const seed = Number(process.env.FAST_CHECK_SEED ?? 20261124);
const numRuns = Number(process.env.FAST_CHECK_RUNS ?? RUNS);
const readings: readonly Reading[] = ['overlay', 'extract'];

describe.each(readings)('layers read as %s', (reading) => {
  it.each([
    ['as they come', {}],
    ['that are not odd', { odd: false }],
    ['without markers', { odd: false, markers: false, maxEntries: 6, maxLayers: 3 }],
  ])('give the tree of the naive model: layers %s', (_, options) => {
    fc.assert(
      fc.property(arbitraryLayers(options), (layers) => {
        expect(actual(reading, layers)).toEqual(expected(reading, layers));
      }),
      { seed, numRuns },
    );
  });
});
