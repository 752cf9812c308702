/** The ranges of an entry's numbers, the same for header fields and PAX records. */

import type { ErrorCode } from '../errors.ts';
import { type Place, tarFailure } from './failure.ts';

export type NumberField = 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'devMajor' | 'devMinor';

const MAX = Number.MAX_SAFE_INTEGER;
/** Linux `uid_t` and `gid_t`, and the 32-bit owner fields of EROFS. */
const MAX_ID = 0xffff_ffff;
/** Linux `dev_t`: 12 bits of major and 20 bits of minor number. */
const MAX_MAJOR = 0xfff;
const MAX_MINOR = 0xf_ffff;

const RANGES: Readonly<Record<NumberField, readonly [number, number]>> = {
  mode: [0, MAX],
  uid: [0, MAX_ID],
  gid: [0, MAX_ID],
  size: [0, MAX],
  mtime: [-MAX, MAX],
  devMajor: [0, MAX_MAJOR],
  devMinor: [0, MAX_MINOR],
};

/**
 * `value` where it is a number in the field's range. Fails with `malformed` where it is NaN, with `E_TAR` for
 * a negative size, and with `E_RANGE` otherwise.
 */
export function checkNumber(
  field: NumberField,
  value: number,
  malformed: ErrorCode,
  place: Place,
): number {
  const [lowest, highest] = RANGES[field];
  if (value >= lowest && value <= highest) return value;
  if (Number.isNaN(value)) throw tarFailure(malformed, `${field} is not a number`, place);
  if (field === 'size' && value < 0) throw tarFailure('E_TAR', 'size is negative', place);
  const found = Number.isFinite(value) ? `: ${value}` : ' by far';
  throw tarFailure(
    'E_RANGE',
    `${field} is outside ${lowest} to ${highest}${found}`,
    place,
    'Linux and EROFS cannot hold this value; make the archive with another one',
  );
}
