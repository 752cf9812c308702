/** Stacks of layers, merged either way, held against a plain reading of the rules. */

import { ErofsWasmError } from '../../src/errors.ts';
import { mergeEntries, treeOf } from '../../test/support/layers.ts';
import {
  applyNaively,
  type Reading,
  Refused,
  type SimpleEntry,
} from '../../test/support/naive-layers.ts';
import { jsonForm } from '../lib/form.ts';
import { ENTRY_TYPES, type EntryDraft, makeEntry } from '../lib/layer-entries.ts';
import type { Random } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';

interface Stack {
  readonly reading: Reading;
  /** Lowest first; each entry's id is its number in the whole stack, from 1 on. */
  readonly layers: readonly (readonly EntryDraft[])[];
}

const REFUSALS = new Set(['E_PATH', 'E_LINK', 'E_WHITEOUT']);

export function open(): Target<Stack> {
  return { form: jsonForm(isStack), make: makeStack, check: checkStack };
}

function isStack({ reading, layers }: Stack): boolean {
  const isEntry = ({ type, target }: EntryDraft): boolean =>
    ENTRY_TYPES.includes(type) && target !== '';
  return /^(overlay|extract)$/.test(reading) && layers.flat().every(isEntry);
}

function makeStack(random: Random): Stack {
  const known: string[] = ['a'];
  const layers = Array.from({ length: 1 + random.below(4) }, () =>
    Array.from({ length: random.small(9) }, () => makeEntry(random, known)),
  );
  return { reading: random.chance(0.5) ? 'overlay' : 'extract', layers };
}

function checkStack({ reading, layers }: Stack): string {
  const numbered = withIds(layers);
  const expected = naiveTree(reading, numbered);
  const found = ourTree(reading, numbered);
  if (typeof expected === 'string' || typeof found === 'string') {
    const agree = typeof expected === typeof found;
    invariant(
      agree,
      () => `${reading} ${typeof found}; ${describe(found)}, not ${describe(expected)}`,
    );
    return String(found);
  }
  const same =
    found.size === expected.size && [...found].every(([path, text]) => expected.get(path) === text);
  invariant(same, () => `${reading}; ${describe(found)}, not ${describe(expected)}`);
  return 'ok';
}

function withIds(layers: Stack['layers']): SimpleEntry[][] {
  let id = 0;
  return layers.map((layer) => layer.map((entry) => ({ ...entry, id: ++id })));
}

function naiveTree(reading: Reading, layers: SimpleEntry[][]): Map<string, string> | string {
  try {
    return applyNaively(reading, layers);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

function ourTree(reading: Reading, layers: SimpleEntry[][]): Map<string, string> | string {
  try {
    const { names, inodes } = mergeEntries(reading, layers);
    return treeOf(names, inodes);
  } catch (error) {
    if (error instanceof ErofsWasmError && REFUSALS.has(error.code)) return error.code;
    throw error;
  }
}

function describe(tree: Map<string, string> | string): string {
  return typeof tree === 'string' ? tree : JSON.stringify([...tree].sort());
}
