/** Tables that read well on a terminal and are Markdown as well. */

/**
 * The columns that are text are set to the left, the others are numbers.
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 * @param {readonly number[]} [texts] columns, the first one by default
 * @returns {string}
 */
export function table(header, rows, texts = [0]) {
  const cells = [header, ...rows].map((row) => row.map((text) => text.replaceAll('|', '\\|')));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const pad = (/** @type {string} */ text, /** @type {number} */ column) =>
    texts.includes(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  const line = (/** @type {readonly string[]} */ row) => `| ${row.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    texts.includes(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [first, ...others] = cells.map(line);
  return [first, line(rule), ...others].join('\n');
}
