/** The README names every fault. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAULT_NAMES } from '../../src/check/faults.ts';

const README = new URL('../../README.md', import.meta.url);

/** Names in code marks; one that begins with a hyphen goes on from the first word of the last whole one. */
function namesIn(row: string): string[] {
  let first = '';
  return [...row.matchAll(/`(-?[a-z][a-z-]*)`/g)].map(([, name = '']) => {
    if (!name.startsWith('-')) [first = ''] = name.split('-');
    return name.startsWith('-') ? first + name : name;
  });
}

it('the README names every fault', () => {
  const section = readFileSync(README, 'utf8')
    .split('### Checking an image')[1]!
    .split('\n### ')[0]!;
  const rows = section.split('| faults | about |')[1]!.split('\n');
  expect(rows.flatMap(namesIn).sort()).toEqual([...FAULT_NAMES].sort());
});
