/** Numbers on a command line: decimal digits and nothing else, so that `1e3`, `0x10` and `` are not numbers. */

/** A whole number from 0 that a double holds exactly, or undefined. */
export function parseCount(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
