/** Takes what the options leave out of the model; a pattern is tried in every way that it can be read. */

import type { ModelFile } from './model/file.ts';

/** Removes what the patterns name, with all below it. */
export function excludeFrom(root: ModelFile, patterns: readonly string[]): void {
  const parts = patterns.map(partsOf);
  if (parts.length > 0) prune(root, [], parts);
}

/** Depth is bounded by the limit on paths. */
function prune(folder: ModelFile, path: readonly string[], patterns: readonly string[][]): void {
  for (const name of [...folder.children.keys()]) {
    const names = [...path, name];
    const file = folder.child(name)!;
    if (patterns.some((parts) => matches(parts, names))) folder.remove(name);
    else if (file.isDirectory) prune(file, names, patterns);
  }
}

/** Slashes at the ends, and `./` in front, mean nothing. */
function partsOf(pattern: string): string[] {
  return pattern
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '')
    .split('/');
}

/** Whether a path with these names is meant. */
function matches(parts: readonly string[], names: readonly string[]): boolean {
  const isAny = (part: string) => part === '**';
  // In the end two stars are what lies in a folder, and not the folder itself: one name more at least.
  const spelled = parts.at(-1) === '**' ? [...parts.slice(0, -1), '*', '**'] : parts;
  return fits(spelled, names, isAny, nameMatches);
}

function nameMatches(part: string, name: string): boolean {
  const tokens = Buffer.from(part).toString('latin1').match(TOKEN) ?? [];
  const characters = name.match(CHARACTER) ?? [];
  const isAny = (token: string) => token === '*';
  const isSame = (token: string, character: string) =>
    token === '?' || character === (token.length > 1 ? token.replace('\\', '') : token);
  return fits(tokens, characters, isAny, isSame);
}

/** A character of several bytes in UTF-8, or a byte; in a pattern, with the backslash that makes it plain. */
const CHARACTER = /[\xc0-\xff][\x80-\xbf]*|./gs;
const TOKEN = /\\?(?:[\xc0-\xff][\x80-\xbf]*|.)/gs;

/**
 * Whether a pattern stands for some items: row by row, whether its first parts can stand for the first items. Parts
 * that are `isAny` stand for any number of them.
 */
function fits<P, I>(
  pattern: readonly P[],
  items: readonly I[],
  isAny: (part: P) => boolean,
  isSame: (part: P, item: I) => boolean,
): boolean {
  let row = [true, ...items.map(() => false)];
  for (const part of pattern) {
    const before = row;
    row = [isAny(part) && before[0]!];
    for (const [i, item] of items.entries()) {
      row.push(isAny(part) ? row[i]! || before[i + 1]! : before[i]! && isSame(part, item));
    }
  }
  return row[items.length]!;
}
