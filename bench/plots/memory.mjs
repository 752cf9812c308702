/** Memory over time. */

import { lineChart } from '../chart/lines.mjs';

const MIB = 2 ** 20;
/** More points than that are no more to see, and make the file large. */
const POINTS = 300;
const PEERS = 6;

/**
 * @param {import('../suites/memory.mjs').MemoryResult} result
 * @returns {string} SVG
 */
export function memoryPlot({ image, courses }) {
  const shown = courses.filter(({ curve = [] }) => curve.length > 0);
  let colour = 0;
  let dash = 0;
  return lineChart({
    title: 'Memory over time',
    note: `Resident memory of all processes of a build together, every 50 ms; ${image}.`,
    x: { label: 'seconds' },
    y: { label: 'MiB' },
    series: shown.map(({ name, ours, curve = [] }) => ({
      name: ours ? `erofs-wasm, ${name}` : name,
      series: ours ? colour++ : PEERS,
      ...(ours ? {} : { dash: ['6 4', '2 3'][dash++] }),
      points: thinned(curve).map(([time, bytes]) => /** @type {const} */ ([time, bytes / MIB])),
    })),
  });
}

/**
 * The highest of each stretch, so that no peak is lost.
 * @param {import('../lib/memory-watch.mjs').Curve} curve
 */
function thinned(curve) {
  const stretch = Math.ceil(curve.length / POINTS);
  const points = [];
  for (let at = 0; at < curve.length; at += stretch)
    points.push(
      curve.slice(at, at + stretch).reduce((best, one) => (one[1] > best[1] ? one : best)),
    );
  return points;
}
