/** What the suite of stages found, as tables. */

import { table } from '../lib/table.mjs';
import { range, seconds } from '../lib/units.mjs';

/** @param {import('./stages.mjs').StagesResult} result */
export function stagesText({ runs, images, profiled, profile }) {
  const failures = images.flatMap(({ title, failure }) =>
    failure === undefined ? [] : [`- ${title} failed: ${failure}`],
  );
  const budget =
    typeof profile === 'string'
      ? `No profile: ${profile}`
      : [
          `Seconds of each thread by kind of work, of one run with \`--cpu-prof\`: ${profiled}.`,
          threadsTable(profile),
          'The functions with the most time of their own, on all threads:',
          functionsTable(profile),
        ].join('\n\n');
  return [phasesTable(images, runs), failures.join('\n'), '### Time budget', budget]
    .filter((part) => part !== '')
    .join('\n\n');
}

/**
 * @param {readonly import('./stages.mjs').Stages[]} images
 * @param {number} runs
 */
function phasesTable(images, runs) {
  const names = Object.keys(images.find(({ phases }) => phases !== undefined)?.phases ?? {});
  const header = ['', ...names, 'whole process', `range of ${runs}`];
  const rows = images.map(({ title, wall, phases = {} }) => [
    title,
    ...names.map((name) => (phases[name] === undefined ? '' : seconds(phases[name].median))),
    ...(wall === undefined ? ['failed', ''] : [seconds(wall.median), range(wall)]),
  ]);
  return table(header, rows);
}

/** @param {import('../lib/profile.mjs').Profile} profile */
function threadsTable({ threads }) {
  const totals = new Map();
  for (const { kinds } of threads)
    for (const [kind, time] of Object.entries(kinds))
      totals.set(kind, (totals.get(kind) ?? 0) + time);
  // What is waited for comes last, whatever there is of it.
  const kinds = [...totals].sort(([a, x], [b, y]) =>
    a === 'idle' ? 1 : b === 'idle' ? -1 : y - x,
  );
  const cell = (/** @type {number | undefined} */ time) =>
    time === undefined ? '' : time.toFixed(2);
  const rows = kinds.map(([kind, total]) => [
    kind,
    ...threads.map((thread) => cell(thread.kinds[kind])),
    cell(total),
  ]);
  const sum = threads.reduce((all, thread) => all + thread.seconds, 0);
  const ends = ['the thread lived', ...threads.map((thread) => cell(thread.seconds)), cell(sum)];
  return table(['', ...threads.map(({ thread }) => thread), 'all'], [...rows, ends]);
}

/** @param {import('../lib/profile.mjs').Profile} profile */
function functionsTable({ top }) {
  const rows = top.map(({ place, kind, seconds: time }) => [`\`${place}\``, kind, time.toFixed(2)]);
  return table(['function', 'kind', 'seconds'], rows, [0, 1]);
}
