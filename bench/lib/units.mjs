/** Numbers and messages as people read them. */

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} bytes */
export function mebibytes(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** @param {number} value */
export function seconds(value) {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

/** @param {import('./statistics.mjs').Spread} spread */
export function range({ min, max }) {
  return `${min.toFixed(2)}..${max.toFixed(2)}`;
}

/** @param {number} value */
export function count(value) {
  return value.toLocaleString('en-US');
}

/** @param {string} text */
export function oneLine(text) {
  return text.trim().replaceAll(/\s+/g, ' ');
}
