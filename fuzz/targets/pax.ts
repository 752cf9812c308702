/** Bodies of PAX headers, right and damaged, held against a plain reading of the standard. */

import { latin1 } from '../../src/bytes.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { parsePax } from '../../src/tar/pax.ts';
import type { PaxValues } from '../../src/tar/pax-values.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import { type NaiveValues, naiveRecords, naiveValues, type PaxPair } from '../lib/naive-pax.ts';
import type { Random } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';

const KEYS = [
  'path',
  'linkpath',
  'size',
  'mtime',
  'uid',
  'gid',
  'SCHILY.devmajor',
  'SCHILY.devminor',
  'comment',
  'atime',
  'SCHILY.xattr.user.x',
  'SCHILY.xattr.',
  'LIBARCHIVE.xattr.user.%61',
  'LIBARCHIVE.xattr.u%',
  'RHT.security.selinux',
  'GNU.sparse.map',
  'GNU.sparse.size',
  'GNU.sparse.offset',
  'GNU.sparse.numbytes',
  'GNU.sparse.major',
  'GNU.sparse.name',
  '__proto__',
  'constructor',
  'hasOwnProperty',
];
const VALUES = [
  '',
  '0',
  '1',
  '-1',
  '123',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '-0',
  '+1',
  ' 1',
  '1 ',
  '1.5',
  '-1.5',
  '.5',
  '1.',
  '1.9999999999',
  '-0.000000001',
  '-0.0',
  '1e3',
  '0x10',
  '00012',
  'NaN',
  '٣',
  'a/b',
  'x\0y',
  'é',
  '\xff\xfe',
  'a=b\nc',
  'YWJj',
  'YWJjZA',
  'YWJjZA==',
  'Y',
  '=',
  '0,1,5,6',
  '1,2,3',
  ',',
  '9'.repeat(300),
  '1'.repeat(20),
  'v'.repeat(5000),
  '9007199254740991.999999999',
  '-9007199254740991.5',
];
/** Damaged bodies mostly fail at the first broken length; whole ones get at the values. */
const WHOLE = 0.6;
const NO_PLACE = { path: new Uint8Array(0), offset: 0 };

export function open(): Target<Uint8Array> {
  const mutator = new Mutator(KEYS.map((key) => writeBody([[key, '1']])));
  return {
    form: BYTES,
    make(random) {
      mutator.load(makeBody(random));
      if (!random.chance(WHOLE))
        for (let i = 1 + random.below(3); i > 0; i--) damage(mutator, random);
      return mutator.result();
    },
    check: checkBody,
  };
}

function damage(mutator: Mutator, random: Random): void {
  mutator.change(
    random,
    random.chance(0.5) ? random.below(Math.min(4, mutator.length)) : undefined,
  );
}

function makeBody(random: Random): Uint8Array {
  const records: string[] = [];
  for (let count = random.small(8); count > 0; count--) {
    const value = random.chance(0.8) ? random.pick(VALUES) : latin1(random.bytes(random.small(40)));
    const text = `${random.pick(KEYS)}=${value}\n`;
    records.push(withLength(random.chance(0.03) ? spoiled(text, random) : text));
  }
  return Buffer.from(records.join(''), 'latin1');
}

/** The text of a record that lacks a part. */
function spoiled(text: string, random: Random): string {
  const equals = text.indexOf('=');
  return random.pick([
    text.replace('=', ''),
    text.replace('\n', ' '),
    text.slice(equals),
    `${text.slice(0, equals)}\n`,
    text.slice(0, -1),
    '\n',
  ]);
}

function writeBody(pairs: readonly PaxPair[]): Uint8Array {
  const records = pairs.map(([key, value]) => withLength(`${key}=${value}\n`));
  return Buffer.from(records.join(''), 'latin1');
}

/** The length in front counts its own digits. */
function withLength(text: string): string {
  const rest = ` ${text}`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return `${length}${rest}`;
}

function checkBody(body: Uint8Array): string {
  const pairs = naiveRecords(latin1(body));
  const values = valuesOf(body);
  if (pairs === undefined) {
    invariant(values instanceof ErofsWasmError, 'a malformed body is read');
    return values.code;
  }
  const isSparse = pairs.some(([key]) => key.startsWith('GNU.sparse.'));
  const expected = naiveValues(pairs);
  if (values instanceof ErofsWasmError) {
    invariant(expected === undefined || isSparse, () => `a right body gives ${values.message}`);
    return values.code;
  }
  invariant(expected !== undefined, 'a wrong body is read');
  checkValues(values, expected);
  const again = valuesOf(writeBody(pairs));
  invariant(!(again instanceof ErofsWasmError), 'written again it is refused');
  checkValues(again, expected);
  return 'ok';
}

function valuesOf(body: Uint8Array): PaxValues | ErofsWasmError {
  try {
    return parsePax(body, DEFAULT_LIMITS, NO_PLACE);
  } catch (error) {
    if (error instanceof ErofsWasmError && error.code !== 'E_INTERNAL') return error;
    throw error;
  }
}

function checkValues(values: PaxValues, expected: NaiveValues): void {
  for (const field of ['size', 'uid', 'gid', 'devMajor', 'devMinor'] as const) {
    const found = values[field];
    invariant(
      Object.is(found, positive(expected[field])),
      () => `${field} is ${found}, not ${expected[field]}`,
    );
  }
  for (const field of ['path', 'linkPath'] as const) {
    const found = values[field];
    const text = found instanceof Uint8Array ? latin1(found) : found;
    invariant(text === expected[field], () => `${field} is ${text}, not ${expected[field]}`);
  }
  const { mtime } = values;
  const time = mtime && BigInt(mtime.seconds) * 1_000_000_000n + BigInt(mtime.nanoseconds);
  invariant(time === expected.mtime, () => `mtime is ${time}, not ${expected.mtime}`);
  const found = [...values.xattrs.values()].map(({ name, value }) => [latin1(name), latin1(value)]);
  invariant(
    JSON.stringify(sorted(found)) === JSON.stringify(sorted([...expected.xattrs])),
    () => `attributes are ${JSON.stringify(found)}`,
  );
}

/** Without the sign of a zero, which no field has. */
function positive(value: number | null | undefined): number | null | undefined {
  return value === 0 ? 0 : value;
}

function sorted(pairs: readonly (readonly string[])[]): string[] {
  return pairs.map((pair) => JSON.stringify(pair)).sort();
}
