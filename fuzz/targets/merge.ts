/** Stacks of layers, merged either way, held against a plain reading of the rules. */

import { ErofsWasmError } from '../../src/errors.ts';
import { mergeEntries, treeOf } from '../../test/support/layers.ts';
import {
  applyNaively,
  type Reading,
  Refused,
  type SimpleEntry,
  type SimpleType,
} from '../../test/support/naive-layers.ts';
import { jsonForm } from '../lib/form.ts';
import type { Random } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';

interface Stack {
  readonly reading: Reading;
  /** Lowest first; each entry's id is its number in the whole stack, from 1 on. */
  readonly layers: readonly (readonly Omit<SimpleEntry, 'id'>[])[];
}

/** Few names meet often. */
const NAMES = ['a', 'a', 'b', 'b', 'c', 'd'];
const MARKERS = ['.wh.a', '.wh.b', '.wh.c', '.wh.d', '.wh..wh..opq', '.wh..wh..opq'];
const ODD_NAMES = [
  '.wh.a',
  '.wh..wh..opq',
  '.wh..wh.aufs',
  '.wh..wh.plnk',
  '.wh.',
  '.',
  '..',
  '',
  'n'.repeat(256),
];
const TYPES: readonly SimpleType[] = [
  'file',
  'file',
  'file',
  'directory',
  'directory',
  'symlink',
  'symlink',
  'hardlink',
  'hardlink',
  'char',
  'fifo',
];
const MARKED = 0.15;
const KNOWN = 0.85;
const ODD = 0.03;
/** Names of symbolic links are texts, where anything goes. */
const ODD_IN_LINK = 0.2;
const DEEPEST = 4;
const REFUSALS = new Set(['E_PATH', 'E_LINK', 'E_WHITEOUT']);

export function open(): Target<Stack> {
  return { form: jsonForm(isStack), make: makeStack, check: checkStack };
}

function isStack({ reading, layers }: Stack): boolean {
  const isEntry = ({ type, target }: Omit<SimpleEntry, 'id'>): boolean =>
    TYPES.includes(type) && target !== '';
  return /^(overlay|extract)$/.test(reading) && layers.flat().every(isEntry);
}

function makeStack(random: Random): Stack {
  const known: string[] = ['a'];
  const layers = Array.from({ length: 1 + random.below(4) }, () =>
    Array.from({ length: random.small(9) }, () => makeEntry(random, known)),
  );
  return { reading: random.chance(0.5) ? 'overlay' : 'extract', layers };
}

/** Hard links mostly point to files, of which `known` has the paths. */
function makeEntry(random: Random, known: string[]): Omit<SimpleEntry, 'id'> {
  if (random.chance(MARKED)) {
    const folder = random.chance(0.4) ? '' : `${makePath(random, ODD)}/`;
    return { path: `${folder}${random.pick(MARKERS)}`, type: 'file' };
  }
  const type = random.pick(TYPES);
  const path = makePath(random, ODD);
  if (type === 'char') return { path, type, device: random.chance(0.5) ? 0 : 259 };
  if (type === 'hardlink') {
    const target = random.chance(KNOWN) ? random.pick(known) : makePath(random, ODD);
    return { path, type, target: target || 'a' };
  }
  if (type !== 'directory') known.push(path);
  return type === 'symlink' ? { path, type, target: makeTarget(random) } : { path, type };
}

function makeTarget(random: Random): string {
  const start = random.pick(['', '', '', '/', '../']);
  return `${start}${makePath(random, ODD_IN_LINK)}` || '.';
}

function makePath(random: Random, odd: number): string {
  const length = 1 + random.small(DEEPEST - 1);
  const names = Array.from({ length }, () => random.pick(random.chance(odd) ? ODD_NAMES : NAMES));
  return names.join('/');
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
