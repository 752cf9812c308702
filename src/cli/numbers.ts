/** Numbers on a command line: decimal digits and nothing else, so that `1e3`, `0x10` and `` are not numbers. */

/** A whole number from 0 that a double holds exactly, or undefined. */
export function parseCount(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

const SIZE = /^(\d+)([KMGT]?)$/;
const UNITS = ['', 'K', 'M', 'G', 'T'];

/** A number, possibly with K, M, G or T behind it for powers of 1024, or undefined. It may be too large for a double. */
export function parseSize(text: string): number | undefined {
  const [, digits = '', unit = ''] = SIZE.exec(text) ?? [];
  return digits === '' ? undefined : Number(digits) * 1024 ** UNITS.indexOf(unit);
}
