/** What a comparison of two trees found, in words. */

import { count } from './units.mjs';

/**
 * @param {string} one
 * @param {string} what it should be
 * @param {import('../lib/trees.mjs').Comparison} comparison
 */
export function comparisonLines(
  one,
  what,
  { entries, linkCounts, directories, root, differences, shown },
) {
  const verdict = differences === 0 ? 'equals' : '**differs from**';
  const evened = `evened out: link counts of ${count(linkCounts)} files, attributes of ${count(directories)} \
directories without an entry in their top layer${root === 0 ? '' : ', and of the root'}`;
  const more = differences > shown.length ? [`  - and ${differences - shown.length} more`] : [];
  return [
    `- ${one} ${verdict} ${what}: ${count(entries)} entries, ${count(differences)} differences (${evened})`,
    ...shown.map((line) => `  - ${line}`),
    ...more,
  ];
}
