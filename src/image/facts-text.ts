/** Facts of inodes as people and programs read them, in any locale and time zone. */

import { printable } from '../bytes.ts';

/** Seconds that JavaScript's dates can hold, either side of 1970. */
export const MAX_DATE_SECONDS = 8_640_000_000_000;
const NANOSECOND_DIGITS = 9;

/**
 * `2024-01-02T03:04:05Z` in UTC, with nine digits of a fraction where there is one; years outside 0 to 9999 have a sign
 * and six digits. Beyond the year 275760, `@` and the seconds since 1970. Different times have different texts.
 */
export function isoTime(seconds: number, nanoseconds: number): string {
  const fraction =
    nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(NANOSECOND_DIGITS, '0')}`;
  if (Math.abs(seconds) > MAX_DATE_SECONDS) return `@${seconds}${fraction}`;
  return new Date(seconds * 1000).toISOString().replace('.000Z', `${fraction}Z`);
}

/** The value of an attribute: text in double quotes where it is printable UTF-8, else `0x` and hexadecimal digits. */
export function valueText(value: Uint8Array): string {
  const text = Buffer.from(value).toString('utf8');
  const isText = !text.includes('\ufffd') && printable(value) === text;
  return isText ? JSON.stringify(text) : `0x${Buffer.from(value).toString('hex')}`;
}
