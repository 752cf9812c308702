/** Time by tool, a panel for each image. */

import { barChart } from '../chart/bars.mjs';
import { isOurs } from '../lib/turns.mjs';
import { megabytes, seconds } from '../lib/units.mjs';

/**
 * @param {readonly import('../suites/build.mjs').Comparison[]} comparisons
 * @returns {string} SVG
 */
export function timePlot(comparisons) {
  return barChart({
    title: 'From a registry to an image',
    note: 'Wall time of the whole process, medians; the thin line is the range of all runs. Shorter is better.',
    axis: 'seconds',
    panels: comparisons.map(({ image, results }) => ({
      title: `${image.title}, ${megabytes(image.packedBytes)} packed`,
      bars: results.map((result) => barOf(result)),
    })),
  });
}

/** @param {import('../lib/turns.mjs').Result} result */
function barOf(result) {
  const { name: label, wall } = result;
  if (wall === undefined) return { label, parts: [], text: 'failed' };
  const parts = [{ value: wall.median, series: isOurs(result) ? 0 : 6 }];
  return {
    label,
    parts,
    range: /** @type {const} */ ([wall.min, wall.max]),
    text: seconds(wall.median),
  };
}
