/** Time by number of files. */

import { lineChart } from '../chart/lines.mjs';
import { isOurs } from '../lib/turns.mjs';
import { count } from '../lib/units.mjs';

/**
 * @param {readonly import('../suites/scale.mjs').Scale[]} scales
 * @returns {string} SVG
 */
export function scalePlot(scales) {
  const many = scales.filter(({ entries }) => entries > 1);
  /** @type {Map<string, import('../chart/lines.mjs').Series & { points: [number, number][] }>} */
  const series = new Map();
  for (const { shape, entries, results } of many) {
    for (const result of results) {
      const name = `${result.name}, ${shape}`;
      const known = series.get(name) ?? { ...lookOf(result, shape), name, dots: true, points: [] };
      series.set(name, known);
      if (result.wall !== undefined) known.points.push([entries, result.wall.median]);
    }
  }
  return lineChart({
    title: 'Small files in one tar',
    note: 'Wall time of the whole process, medians, on logarithmic scales. A line that ends early was given up or failed.',
    x: { label: 'files', log: true, show: count },
    y: { label: 'seconds', log: true },
    series: [...series.values()].filter(({ points }) => points.length > 0),
  });
}

/**
 * @param {import('../lib/turns.mjs').Result} result
 * @param {string} shape
 */
function lookOf(result, shape) {
  const series = isOurs(result) ? 0 : 1;
  return shape === 'spread' ? { series } : { series, dash: '6 4' };
}
