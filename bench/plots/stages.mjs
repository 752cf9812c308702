/** Time by phase of a build, a panel for each image. */

import { barChart } from '../chart/bars.mjs';
import { seconds } from '../lib/units.mjs';

/** The colour of nothing of ours in particular: starting Node. */
const START = 6;

/**
 * @param {import('../suites/stages.mjs').StagesResult} result
 * @returns {string} SVG
 */
export function stagesPlot({ images }) {
  const shown = images.filter(({ phases }) => phases !== undefined);
  const names = Object.keys(shown[0]?.phases ?? {});
  const series = (/** @type {string} */ name) =>
    name === 'start' ? START : names.filter((other) => other !== 'start').indexOf(name);
  return barChart({
    title: 'Where a build spends its time',
    note: 'Wall time of each phase, medians; "read" is fetching, unpacking, hashing and merging at once.',
    axis: 'seconds',
    keys: names.map((name) => ({ name, series: series(name) })),
    panels: shown.map(({ title, phases = {}, wall }) => ({
      title,
      bars: [
        {
          label: 'erofs-wasm build',
          parts: names.map((name) => ({ value: phases[name].median, series: series(name) })),
          text: seconds(wall?.median ?? 0),
        },
      ],
    })),
  });
}
