/** Horizontal bars in panels, each panel with an axis of its own, as what is compared differs by orders of magnitude. */

import { scaleLinear } from 'd3-scale';
import { bar, line, page, text, widthOf } from './drawing.mjs';
import { horizontalAxis, legend } from './legend.mjs';

const WIDTH = 860;
const TOP = 62;
const ROW = 24;
const BAR = 15;
const PANEL_TITLE = 24;
const AXIS = 46;
const BELOW_PANEL = 12;
const TICKS = 6;

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {{ value: number, series: number }[]} parts from left to right
 * @property {readonly [number, number]} [range] of the whole bar, shown as a line
 * @property {string} text behind it
 */

/**
 * @typedef {{ title: string, bars: Bar[] }} Panel
 */

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.note
 * @param {string} chart.axis what the bars measure
 * @param {readonly Panel[]} chart.panels
 * @param {readonly import('./legend.mjs').Key[]} [chart.keys]
 * @returns {string} SVG
 */
export function barChart({ title, note, axis, panels, keys = [] }) {
  const labels = panels.flatMap(({ bars }) => bars.map(({ label }) => widthOf(label)));
  const texts = panels.flatMap(({ bars }) => bars.map((one) => widthOf(one.text)));
  const left = 34 + Math.max(...labels);
  const right = WIDTH - 30 - Math.max(...texts);
  const { shapes, height } =
    keys.length === 0
      ? { shapes: [], height: 0 }
      : legend(keys, { left: 20, top: TOP + 10, right: WIDTH - 20, lines: false });
  const body = [...shapes];
  let top = TOP + height;
  for (const panel of panels) {
    body.push(...drawPanel(panel, { top, left, right, axis }));
    top += PANEL_TITLE + panel.bars.length * ROW + AXIS + BELOW_PANEL;
  }
  return page({ width: WIDTH, height: top, title, note, body });
}

/**
 * @param {Panel} panel
 * @param {{ top: number, left: number, right: number, axis: string }} place
 */
function drawPanel({ title, bars }, { top, left, right, axis }) {
  const largest = Math.max(...bars.map(endOf));
  const scale = scaleLinear([0, largest], [left, right]).nice(TICKS);
  const first = top + PANEL_TITLE;
  const bottom = first + bars.length * ROW;
  const ticks = scale.ticks(TICKS).map((tick) => ({ at: scale(tick), label: `${tick}` }));
  return [
    text(20, top + 14, title, 'head'),
    ...horizontalAxis(ticks, { left, right, top: first, bottom, label: axis }),
    ...bars.flatMap((one, row) => drawBar(one, first + row * ROW, scale)),
  ];
}

/** @param {Bar} one */
function endOf({ parts, range }) {
  return Math.max(
    range?.[1] ?? 0,
    parts.reduce((sum, { value }) => sum + value, 0),
  );
}

/**
 * @param {Bar} one
 * @param {number} top
 * @param {import('d3-scale').ScaleLinear<number, number>} scale
 */
function drawBar(one, top, scale) {
  const middle = top + ROW / 2;
  let start = 0;
  const parts = one.parts.map(({ value, series }) => {
    const shape = bar(scale(start), middle - BAR / 2, scale(value) - scale(0), BAR, series);
    start += value;
    return shape;
  });
  const [low, high] = one.range ?? [start, start];
  const whisker =
    one.range === undefined
      ? []
      : [
          line(scale(low), middle, scale(high), middle, 'ink'),
          line(scale(low), middle - 4, scale(low), middle + 4, 'ink'),
          line(scale(high), middle - 4, scale(high), middle + 4, 'ink'),
        ];
  return [
    text(scale(0) - 8, middle + 4, one.label, '', 'end'),
    ...parts,
    ...whisker,
    text(scale(endOf(one)) + 8, middle + 4, one.text),
  ];
}
