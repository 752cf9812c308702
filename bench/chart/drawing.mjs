/**
 * SVG as text: a page with its colours for light and dark, and the few shapes that charts need. No clock, no chance and
 * no counter is in it, so that the same numbers give the same bytes.
 */

/** Of each series, on white and on black; the first is always ours. */
const COLOURS = [
  ['#0969da', '#58a6ff'],
  ['#bc4c00', '#f0883e'],
  ['#1a7f37', '#3fb950'],
  ['#8250df', '#bc8cff'],
  ['#9a6700', '#d29922'],
  ['#cf222e', '#ff7b72'],
  ['#57606a', '#8b949e'],
  ['#bf3989', '#f778ba'],
];

/** Mean width of a character of the font at 12 px; browsers have slightly different fonts. */
const CHARACTER = 6.6;

/** @param {string} text */
export function widthOf(text) {
  return text.length * CHARACTER;
}

/**
 * @param {{ width: number, height: number, title: string, note: string, body: readonly string[] }} page
 * @returns {string}
 */
export function page({ width, height, title, note, body }) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<desc>${escapeText(note)}</desc>`,
    `<style>${style()}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="6"/>`,
    text(20, 28, title, 'title'),
    text(20, 47, note, 'soft'),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

/** The page has its own background: the colours of the site around it may be others than those the reader prefers. */
function style() {
  const themes = [0, 1].map((dark) => {
    const [paper, ink, soft, grid] = dark
      ? ['#0d1117', '#f0f6fc', '#9198a1', '#30363d']
      : ['#ffffff', '#1f2328', '#59636e', '#d8dee4'];
    const series = COLOURS.map(
      (pair, number) => `.f${number}{fill:${pair[dark]}}.s${number}{stroke:${pair[dark]}}`,
    );
    return `.paper{fill:${paper}}text{fill:${ink}}.soft{fill:${soft}}.grid{stroke:${grid}}.ink{stroke:${ink}}${series.join('')}`;
  });
  const font = 'text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}';
  const rest =
    '.title{font-size:15px;font-weight:600}.head{font-weight:600}.line{fill:none;stroke-width:1.8}';
  return `${font}${rest}${themes[0]}@media(prefers-color-scheme:dark){${themes[1]}}`;
}

/**
 * @param {number} x
 * @param {number} y of the base line
 * @param {string} content
 * @param {string} [kind] class
 * @param {'start' | 'middle' | 'end'} [anchor]
 */
export function text(x, y, content, kind = '', anchor = 'start') {
  const attributes = [
    ...(kind === '' ? [] : [`class="${kind}"`]),
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
  ];
  return `<text x="${round(x)}" y="${round(y)}" ${attributes.join(' ')}>${escapeText(content)}</text>`;
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} kind class
 */
export function line(x1, y1, x2, y2, kind) {
  return `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number} series
 */
export function bar(x, y, width, height, series) {
  return `<rect class="f${series}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}"/>`;
}

/**
 * @param {readonly (readonly [number, number])[]} points
 * @param {number} series
 * @param {string} [dash] as `stroke-dasharray`
 */
export function path(points, series, dash) {
  const commands = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`);
  const dashed = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
  return `<path class="line s${series}"${dashed} d="${commands.join('')}"/>`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} series
 */
export function dot(x, y, series) {
  return `<circle class="f${series}" cx="${round(x)}" cy="${round(y)}" r="3"/>`;
}

/** @param {number} value */
function round(value) {
  return Number(value.toFixed(1));
}

/** @param {string} content */
function escapeText(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
