/** Lines over a common pair of axes, each linear or logarithmic. */

import { scaleLinear, scaleLog } from 'd3-scale';
import { dot, line, page, path, text } from './drawing.mjs';
import { horizontalAxis, legend } from './legend.mjs';

const WIDTH = 860;
const TOP = 62;
const LEFT = 86;
const RIGHT = WIDTH - 48;
const PLOT_HEIGHT = 330;
const AXIS = 50;
const TICKS = 8;

/**
 * @typedef {object} Axis
 * @property {string} label
 * @property {boolean} [log]
 * @property {(value: number) => string} [show]
 * @property {readonly [number, number]} [domain] what it has to show besides the values
 */

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {number} series its colour
 * @property {string} [dash]
 * @property {boolean} [dots] marks each point
 * @property {readonly (readonly [number, number])[]} points
 */

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.note
 * @param {Axis} chart.x
 * @param {Axis} chart.y
 * @param {readonly Series[]} chart.series
 * @returns {string} SVG
 */
export function lineChart({ title, note, x, y, series }) {
  const keys = legend(series, { left: 20, top: TOP + 10, right: WIDTH - 20, lines: true });
  const top = TOP + keys.height + 6;
  const bottom = top + PLOT_HEIGHT;
  const points = series.flatMap((one) => one.points);
  const across = scaleOf(
    x,
    points.map((point) => point[0]),
    [LEFT, RIGHT],
  );
  const up = scaleOf(
    y,
    points.map((point) => point[1]),
    [bottom, top],
  );
  const body = [
    ...keys.shapes,
    ...horizontalAxis(ticksOf(x, across), {
      left: LEFT,
      right: RIGHT,
      top,
      bottom,
      label: x.label,
    }),
    ...ticksOf(y, up).flatMap(({ at, label }) => [
      line(LEFT, at, RIGHT, at, 'grid'),
      text(LEFT - 8, at + 4, label, 'soft', 'end'),
    ]),
    `<g transform="rotate(-90 22 ${(top + bottom) / 2})">${text(22, (top + bottom) / 2, y.label, 'soft', 'middle')}</g>`,
    ...series.flatMap((one) => {
      const places = one.points.map(([a, b]) => /** @type {const} */ ([across(a), up(b)]));
      const marks = one.dots ? places.map(([a, b]) => dot(a, b, one.series)) : [];
      return [path(places, one.series, one.dash), ...marks];
    }),
  ];
  return page({ width: WIDTH, height: bottom + AXIS, title, note, body });
}

/**
 * @param {Axis} axis
 * @param {readonly number[]} values
 * @param {[number, number]} range
 */
function scaleOf({ log = false, domain }, values, range) {
  const all = [...values, ...(domain ?? [])];
  const largest = Math.max(...all);
  if (!log) return scaleLinear([0, largest], range).nice(TICKS);
  return scaleLog([Math.min(...all), largest], range).nice();
}

/**
 * @param {Axis} axis
 * @param {ReturnType<typeof scaleOf>} scale
 */
function ticksOf({ log = false, show = String }, scale) {
  const values = scale.ticks(TICKS);
  // Of a logarithmic scale the powers of ten; the others crowd.
  const shown = log ? values.filter((value) => Number.isInteger(roundedLog(value))) : values;
  return shown.map((value) => ({ at: scale(value), label: show(value) }));
}

/** @param {number} value */
function roundedLog(value) {
  return Number(Math.log10(value).toFixed(6));
}
