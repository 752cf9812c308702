/** Damages JSON as a value, and writes it as text that `JSON.stringify` would not write. */

import type { Random } from './random.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  'null',
  'sha256:',
  `sha256:${'a'.repeat(64)}`,
  `sha256:${'A'.repeat(64)}`,
  `sha256:${'a'.repeat(63)}`,
  `sha512:${'b'.repeat(128)}`,
  `sha384:${'c'.repeat(96)}`,
  'md5:00',
  '../../etc/passwd',
  'sha256:../../../x',
  'application/json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.empty.v1+json',
  'text/html',
  'linux',
  'amd64',
  'arm64',
  'v8',
  'v9.99',
  'unknown',
  'layers',
  '\u001b[31m',
  '\u202e',
  '\u0000',
  '\ud800',
  'é'.repeat(300),
  'x'.repeat(5000),
  '__proto__',
  '2024-01-01T00:00:00Z',
  '2024-13-45T99:99:99Z',
  '9999999999-01-01',
];
const ODD_NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  1e3,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 64,
  -(2 ** 53),
];
const ODD_KEYS: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'digest',
  'size',
  'mediaType',
  'layers',
  'manifests',
  'config',
  'platform',
  'os',
  'architecture',
  'variant',
  'annotations',
  'rootfs',
  'diff_ids',
  'type',
  'schemaVersion',
  'fsLayers',
  '',
];

/** Some literals that are no value of JavaScript's. */
const ODD_LITERALS: readonly string[] = [
  '1e999',
  '-0',
  '1.0',
  '1E2',
  '00',
  '.5',
  'NaN',
  "'x'",
  '1'.repeat(400),
  '"\\ud800"',
  '"\\u0000"',
  '{',
  ']',
];

/** A copy of `value` with one change somewhere in it. */
export function changeJson(value: Json, random: Random): Json {
  const isHere = typeof value !== 'object' || value === null || random.chance(0.2);
  if (isHere) return replacement(value, random);
  return Array.isArray(value) ? changeArray(value, random) : changeObject(value, random);
}

function replacement(value: Json, random: Random): Json {
  const kind = random.below(10);
  if (kind < 4) return random.pick(ODD_TEXTS);
  if (kind < 6) return random.pick(ODD_NUMBERS);
  if (kind < 7) return random.pick([null, true, false, [], {}]);
  if (kind < 8) return [value, value];
  return kind < 9 ? { [random.pick(ODD_KEYS)]: value } : nested(random.small(150), random);
}

function nested(depth: number, random: Random): Json {
  let value: Json = 0;
  const isArray = random.chance(0.5);
  for (let i = 0; i < depth; i++) value = isArray ? [value] : { a: value };
  return value;
}

function changeArray(value: readonly Json[], random: Random): Json[] {
  const at = random.below(value.length);
  if (value.length === 0) return [random.pick(ODD_TEXTS)];
  const kind = random.below(8);
  if (kind === 0) return value.toSpliced(at, 1);
  if (kind === 1) return value.toSpliced(at, 0, value[random.below(value.length)]!);
  return value.with(at, changeJson(value[at]!, random));
}

function changeObject(value: { [key: string]: Json }, random: Random): Json {
  const keys = Object.keys(value);
  const copy = { ...value };
  const key = keys[random.below(keys.length)];
  const kind = random.below(8);
  if (kind === 0 || key === undefined) copy[random.pick(ODD_KEYS)] = random.pick(ODD_TEXTS);
  else if (kind === 1) delete copy[key];
  else if (kind === 2) copy[random.pick(ODD_KEYS)] = copy[key]!;
  else copy[key] = changeJson(copy[key]!, random);
  return copy;
}

/** The text of a value; with some chance a key is there twice, is escaped, or a literal is odd. */
export function writeJson(value: Json, random: Random): string {
  const text = JSON.stringify(value);
  if (random.chance(0.7)) return text;
  const kind = random.below(6);
  if (kind === 0) return twice(text, random);
  if (kind === 1)
    return text.replace(
      /"([a-z])([A-Za-z]+)":/,
      (_, first: string, rest: string) => `"${escaped(first)}${rest}":`,
    );
  if (kind === 2) return text.replace(/:[0-9]+|:"[^"]*"/, `:${random.pick(ODD_LITERALS)}`);
  if (kind === 3) return `\ufeff${text}`;
  if (kind === 4) return JSON.stringify(value, undefined, '\t\n\r ');
  return text.slice(0, random.below(text.length));
}

/** Repeats one member of one object. */
function twice(text: string, random: Random): string {
  const members = [...text.matchAll(/"[A-Za-z_]+":(?:"[^"]*"|[0-9]+)/g)];
  if (members.length === 0) return text;
  const [found] = random.pick(members);
  return text.replace(found, () => `${found},${found}`);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
