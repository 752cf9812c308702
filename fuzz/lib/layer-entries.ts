/** Entries of layers over so few names that they meet: names, links, markers and odd paths. */

import type { SimpleEntry, SimpleType } from '../../test/support/naive-layers.ts';
import type { Random } from './random.ts';

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
export const ENTRY_TYPES: readonly SimpleType[] = [
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
export type EntryDraft = Omit<SimpleEntry, 'id'>;

/** Hard links mostly point to files, of which `known` has the paths. */
export function makeEntry(random: Random, known: string[]): EntryDraft {
  if (random.chance(MARKED)) {
    const folder = random.chance(0.4) ? '' : `${makePath(random, ODD)}/`;
    return { path: `${folder}${random.pick(MARKERS)}`, type: 'file' };
  }
  const type = random.pick(ENTRY_TYPES);
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
