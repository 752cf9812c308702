/** Which colour is what, in as many lines as it takes. */

import { bar, line, path, text, widthOf } from './drawing.mjs';

const MARK = 22;
const GAP = 20;
export const LEGEND_LINE = 20;

/**
 * @typedef {{ name: string, series: number, dash?: string }} Key
 */

/**
 * @param {readonly Key[]} keys
 * @param {{ left: number, top: number, right: number, lines: boolean }} place `lines`: for lines, not for bars
 * @returns {{ shapes: string[], height: number }}
 */
export function legend(keys, { left, top, right, lines }) {
  let [x, y] = [left, top];
  const shapes = keys.flatMap(({ name, series, dash }) => {
    const width = MARK + widthOf(name);
    if (x > left && x + width > right) [x, y] = [left, y + LEGEND_LINE];
    const mark = lines
      ? path(
          [
            [x, y - 4],
            [x + MARK - 6, y - 4],
          ],
          series,
          dash,
        )
      : bar(x, y - 10, MARK - 8, 11, series);
    const shape = [mark, text(x + MARK, y, name)];
    x += width + GAP;
    return shape;
  });
  return { shapes, height: y - top + LEGEND_LINE };
}

/**
 * A horizontal axis below a plot with a line for each tick, and what it counts.
 * @param {readonly { at: number, label: string }[]} ticks
 * @param {{ left: number, right: number, top: number, bottom: number, label: string }} place
 */
export function horizontalAxis(ticks, { left, right, top, bottom, label }) {
  return [
    ...ticks.map(({ at }) => line(at, top, at, bottom, 'grid')),
    ...ticks.map(({ at, label: value }) => text(at, bottom + 16, value, 'soft', 'middle')),
    text((left + right) / 2, bottom + 33, label, 'soft', 'middle'),
  ];
}
