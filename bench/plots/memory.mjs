/** Memory over time. */

import { lineChart } from '../chart/lines.mjs';

const MIB = 2 ** 20;
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
      points: curve.map(([time, bytes]) => /** @type {const} */ ([time, bytes / MIB])),
    })),
  });
}
