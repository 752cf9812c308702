/** PAX extended headers as they are written (POSIX.1-2017 pax, "pax Extended Header"). Texts hold one char code a byte. */

import { fromLatin1 } from '../bytes.ts';
import { NANOSECONDS } from './numbers.ts';

/** A key and its value. */
export type WrittenRecord = readonly [key: string, value: string];

/** The body of a header: each record with its own length in front. */
export function paxBody(records: readonly WrittenRecord[]): Uint8Array {
  return fromLatin1(records.map(([key, value]) => paxRecord(key, value)).join(''));
}

/** The length counts its own digits, so it is the first number that fits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
  return `${length}${rest}`;
}

/** Seconds with a fraction where there is one; before 1970 that counts away from zero, while `nanoseconds` never do. */
export function paxTime(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}`;
  const isBefore = seconds < 0;
  const whole = isBefore ? -seconds - 1 : seconds;
  const fraction = isBefore ? NANOSECONDS - nanoseconds : nanoseconds;
  return `${isBefore ? '-' : ''}${whole}.${String(fraction).padStart(9, '0')}`;
}

/**
 * The record of an extended attribute: `SCHILY.xattr.NAME` as star, GNU tar and container tools have it. A `=` would end
 * the key, and GNU tar takes `%3D` and `%25` for escapes: names with either are written as libarchive does.
 */
export function xattrRecord(name: string, value: Uint8Array): WrittenRecord {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (!/=|%3D|%25/i.test(name)) return [`SCHILY.xattr.${name}`, bytes.toString('latin1')];
  const escaped = name.replace(/[^\w.~-]/g, percentEscape);
  return [`LIBARCHIVE.xattr.${escaped}`, bytes.toString('base64')];
}

function percentEscape(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
