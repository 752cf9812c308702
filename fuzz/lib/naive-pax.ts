/** PAX headers read as the standard tells it, slowly and plainly: what the real parser is held against. */

/** One record; bytes are latin1 text. */
export type PaxPair = readonly [key: string, value: string];

/** The records of a body, or undefined where it is malformed (POSIX.1-2017 pax, "pax Extended Header"). */
export function naiveRecords(text: string): PaxPair[] | undefined {
  const pairs: PaxPair[] = [];
  let rest = text;
  while (rest.length > 0) {
    const digits = /^([0-9]{1,10}) /.exec(rest)?.[1];
    const length = Number(digits);
    if (digits === undefined || length > rest.length) return undefined;
    const record = /^([^=]+)=(.*)\n$/s.exec(rest.slice(digits.length + 1, length));
    if (record === null) return undefined;
    pairs.push([record[1]!, record[2]!]);
    rest = rest.slice(length);
  }
  return pairs;
}

/** Values by field; `null` where an empty record takes one back. */
export interface NaiveValues {
  path?: string | null;
  linkPath?: string | null;
  size?: number | null;
  uid?: number | null;
  gid?: number | null;
  devMajor?: number | null;
  devMinor?: number | null;
  /** Nanoseconds since 1970. */
  mtime?: bigint | null;
  readonly xattrs: Map<string, string>;
}

type NumberField = 'size' | 'uid' | 'gid' | 'devMajor' | 'devMinor';

const NUMBERS: Readonly<Record<string, readonly [NumberField, number]>> = {
  size: ['size', Number.MAX_SAFE_INTEGER],
  uid: ['uid', 0xffff_ffff],
  gid: ['gid', 0xffff_ffff],
  'SCHILY.devmajor': ['devMajor', 0xfff],
  'SCHILY.devminor': ['devMinor', 0xf_ffff],
};
const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';
const LONGEST_NUMBER = 256;
const SECONDS = BigInt(Number.MAX_SAFE_INTEGER);
const NANO = 1_000_000_000n;

/** What the records say, or undefined where one of them is refused. Records of sparse maps are left out. */
export function naiveValues(pairs: readonly PaxPair[]): NaiveValues | undefined {
  const values: NaiveValues = { xattrs: new Map() };
  return pairs.every(([key, value]) => takePair(values, key, value)) ? values : undefined;
}

function takePair(values: NaiveValues, key: string, value: string): boolean {
  const number = Object.hasOwn(NUMBERS, key) ? NUMBERS[key] : undefined;
  if (key === 'path') values.path = value || null;
  else if (key === 'linkpath') values.linkPath = value || null;
  else if (number !== undefined) return takeNumber(values, number, value);
  else if (key === 'mtime') return takeTime(values, value);
  else if (key.startsWith(SCHILY)) return takeXattr(values, key.slice(SCHILY.length), value);
  else if (key === 'RHT.security.selinux') return takeXattr(values, 'security.selinux', value);
  else if (key.startsWith(LIBARCHIVE)) return takeEncoded(values, key, value);
  else return true;
  return !value.includes('\0');
}

function takeNumber(
  values: NaiveValues,
  [field, highest]: readonly [NumberField, number],
  text: string,
): boolean {
  if (text === '') {
    values[field] = null;
    return true;
  }
  if (!/^-?[0-9]+$/.test(text) || text.length > LONGEST_NUMBER) return false;
  const number = BigInt(text);
  values[field] = Number(number);
  return number >= 0n && number <= BigInt(highest);
}

function takeTime(values: NaiveValues, text: string): boolean {
  if (text === '') {
    values.mtime = null;
    return true;
  }
  const match = /^(-?)([0-9]+)(?:\.([0-9]*))?$/.exec(text);
  if (match === null || text.length > LONGEST_NUMBER) return false;
  const [, sign, whole = '', fraction = ''] = match;
  const amount = BigInt(whole) * NANO + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  values.mtime = sign === '-' ? -amount : amount;
  // Times before 1970 are floored to a whole second, which must be in range as well.
  return sign === '-' ? amount <= SECONDS * NANO : amount < (SECONDS + 1n) * NANO;
}

function takeXattr(values: NaiveValues, name: string, value: string): boolean {
  values.xattrs.set(name, value);
  return name !== '' && !name.includes('\0') && name.length <= 255 && value.length <= 65_535;
}

/** libarchive: the name URL-encoded, the value in base64. */
function takeEncoded(values: NaiveValues, key: string, value: string): boolean {
  const bare = value.endsWith('==')
    ? value.slice(0, -2)
    : value.endsWith('=')
      ? value.slice(0, -1)
      : value;
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return false;
  const name = key
    .slice(LIBARCHIVE.length)
    .replaceAll(/%[0-9a-fA-F]{2}/g, (code) => String.fromCharCode(Number(`0x${code.slice(1)}`)));
  return takeXattr(values, name, Buffer.from(bare, 'base64').toString('latin1'));
}
