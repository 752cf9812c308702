/**
 * Every way an archive spells a number. Readers return NaN for text that is no number and an infinity
 * beyond 2^53-1, so that the caller, who knows the field, decides which error that is.
 */

const SPACE = 0x20;
const DIGIT_0 = 0x30;
const BASE_256_FLAG = 0x80;
const BASE_256_SIGN = 0x40;

/** Longer than any number a writer prints; keeps what the patterns below look at short. */
const MAX_NUMBER_TEXT = 256;
const NANOSECOND_DIGITS = 9;
export const NANOSECONDS = 1_000_000_000;

/** A moment: whole seconds since 1970, and 0 to 999999999 nanoseconds added to them. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The number in `length` bytes of a header block: octal digits, or base-256 where the first bit is set. */
export function readNumber(bytes: Uint8Array, at: number, length: number): number {
  const isBase256 = (bytes[at]! & BASE_256_FLAG) !== 0;
  return isBase256 ? readBase256(bytes, at, length) : readOctal(bytes, at, length);
}

function readOctal(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length;
  let position = at;
  while (position < end && bytes[position] === SPACE) position++;
  let value = 0;
  for (; position < end; position++) {
    const byte = bytes[position]!;
    if (byte === 0 || byte === SPACE) return value;
    const digit = byte - DIGIT_0;
    if (digit < 0 || digit > 7) return Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

/** GNU tar `tar.h`, Go `archive/tar` `parseNumeric`: big-endian two's complement below the flag bit. */
function readBase256(bytes: Uint8Array, at: number, length: number): number {
  const negative = (bytes[at]! & BASE_256_SIGN) !== 0;
  const flip = negative ? 0xff : 0;
  let value = (bytes[at]! ^ flip) & 0x7f;
  for (let position = at + 1; position < at + length; position++) {
    value = value * 256 + (bytes[position]! ^ flip);
    if (value > Number.MAX_SAFE_INTEGER) return negative ? -Infinity : Infinity;
  }
  return negative ? -value - 1 : value;
}

/** A decimal integer, as PAX records spell it: digits with an optional minus. */
export function parseDecimal(text: string): number {
  if (text.length > MAX_NUMBER_TEXT || !/^-?\d+$/.test(text)) return Number.NaN;
  return withinSafeRange(Number(text));
}

/**
 * A PAX time: decimal seconds with an optional fraction, of which nine digits count. Times before 1970 are
 * floored to a whole second. `seconds` is NaN or an infinity where the text is no such number.
 */
export function parsePaxTime(text: string): Timestamp {
  const match = text.length > MAX_NUMBER_TEXT ? null : /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) return { seconds: Number.NaN, nanoseconds: 0 };
  const [, sign, whole, fraction = ''] = match;
  const digits = fraction.slice(0, NANOSECOND_DIGITS).padEnd(NANOSECOND_DIGITS, '0');
  const nanoseconds = Number(digits);
  const seconds = withinSafeRange(Number(whole));
  if (sign === '') return { seconds, nanoseconds };
  if (nanoseconds === 0) return { seconds: 0 - seconds, nanoseconds };
  return { seconds: -seconds - 1, nanoseconds: NANOSECONDS - nanoseconds };
}

function withinSafeRange(value: number): number {
  if (Number.isSafeInteger(value)) return value + 0;
  return value > 0 ? Infinity : -Infinity;
}
