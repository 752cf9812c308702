import { describe, expect, it } from 'vitest';
import { outcomeOf } from './row.ts';
import { TABLES } from './tables.ts';

describe.each(Object.entries(TABLES))('the table of %s', (_, rows) => {
  it.each(rows)('$row', (row) => {
    const found = outcomeOf(row);
    if (typeof row.gives === 'string') expect(found).toBe(row.gives);
    else expect(found).toEqual(row.gives.map((line) => expect.stringMatching(startOf(line))));
  });
});

/** Warnings are followed by their offset. */
function startOf(line: string): RegExp {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped}${line.startsWith('! ') ? ' @\\d+' : ''}$`);
}
