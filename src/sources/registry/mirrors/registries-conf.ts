/**
 * The text of a `registries.conf` (containers/image, docs/containers-registries.conf.5.md and pkg/sysregistriesv2):
 * version 2, and version 1 where it blocks or loosens. Aliases and unqualified search are not read: a short name
 * is Docker Hub's here.
 */

import { parse, TomlError } from 'smol-toml';
import { ErofsWasmError } from '../../../errors.ts';
import {
  asArray,
  asObject,
  asOptionalString,
  asString,
  fieldError,
  type JsonObject,
  member,
  type Where,
  within,
} from '../../../oci/fields.ts';
import type { MirrorRule, MirrorUse, RegistryRule } from './registry-rule.ts';

/** Inline arrays and tables of this file are two deep; a deeper one is not written by hand. */
const DEEPEST = 32;

const USES: readonly MirrorUse[] = ['all', 'digest-only', 'tag-only'];

/** The rules of a file, in order. Throws `E_POLICY` with the file, the line or the field, and nothing of its text. */
export function parseRegistriesConf(text: string, file: string): readonly RegistryRule[] {
  const where: Where = { code: 'E_POLICY', place: file, path: '' };
  const document = parseToml(text, file);
  const tables = asArray(member(document, 'registry'), within(where, 'registry'));
  const rules = tables.map((table, index) =>
    readRule(table, within(within(where, 'registry'), index)),
  );
  const old = readVersionOne(document, where);
  if (old.length > 0 && rules.length > 0)
    throw fieldError(where, 'mixes version 1 and version 2 of its format');
  const all = [...rules, ...old];
  checkConflicts(all, where);
  return all;
}

/** TOML as a table. Throws `E_POLICY` with the line: the parser's own words quote the text, which may be secret. */
function parseToml(text: string, file: string): JsonObject {
  try {
    return parse(text, { maxDepth: DEEPEST });
  } catch (error) {
    const line = error instanceof TomlError ? `, line ${error.line}` : '';
    throw new ErofsWasmError('E_POLICY', 'the configuration of registries is not valid TOML', {
      place: `${file}${line}`,
    });
  }
}

function readRule(value: unknown, where: Where): RegistryRule {
  const table = asObject(value, where);
  const location = readName(table, 'location', where);
  const prefix = readName(table, 'prefix', where) || location;
  if (prefix === '') throw fieldError(where, 'has neither a prefix nor a location');
  if (prefix.includes('*') && !/^\*\.[^*/:@]+$/.test(prefix))
    throw fieldError(within(where, 'prefix'), 'may have a `*` only as in `*.example.com`');
  if (member(table, 'pull-from-mirror') !== undefined)
    throw fieldError(within(where, 'pull-from-mirror'), 'belongs to a mirror');
  const digestOnly = readSwitch(table, 'mirror-by-digest-only', where);
  const mirrors = asArray(member(table, 'mirror'), within(where, 'mirror'));
  return {
    prefix,
    location: location === '' && !prefix.startsWith('*.') ? prefix : location,
    insecure: readSwitch(table, 'insecure', where),
    blocked: readSwitch(table, 'blocked', where),
    mirrors: mirrors.map((mirror, index) =>
      readMirror(mirror, digestOnly, within(within(where, 'mirror'), index)),
    ),
    origin: where.place,
  };
}

function readMirror(value: unknown, digestOnly: boolean, where: Where): MirrorRule {
  const table = asObject(value, where);
  const location = readName(table, 'location', where);
  if (location === '') throw fieldError(where, 'has no location');
  const wish = asOptionalString(
    member(table, 'pull-from-mirror'),
    within(where, 'pull-from-mirror'),
  );
  const use = USES.find((name) => name === (wish === '' ? 'all' : wish));
  const at = within(where, 'pull-from-mirror');
  if (use === undefined) throw fieldError(at, `must be one of ${USES.join(', ')}`);
  if (digestOnly && wish !== '')
    throw fieldError(at, 'cannot stand beside `mirror-by-digest-only`');
  return {
    location,
    insecure: readSwitch(table, 'insecure', where),
    use: digestOnly ? 'digest-only' : use,
  };
}

/** Version 1: lists of hosts that are blocked, and of hosts that may do without TLS. */
function readVersionOne(document: JsonObject, where: Where): readonly RegistryRule[] {
  const at = within(where, 'registries');
  const tables = member(document, 'registries');
  if (tables === undefined) return [];
  const list = (key: string): string[] => {
    const table = member(asObject(tables, at), key);
    if (table === undefined) return [];
    const place = within(at, key);
    const hosts = asArray(
      member(asObject(table, place), 'registries'),
      within(place, 'registries'),
    );
    return hosts.map((host, index) => plainName(asString(host, within(place, index)), place));
  };
  const blocked = new Set(list('block'));
  const insecure = new Set(list('insecure'));
  return [...new Set([...blocked, ...insecure])].map((host) => ({
    prefix: host,
    location: host,
    insecure: insecure.has(host),
    blocked: blocked.has(host),
    mirrors: [],
    origin: where.place,
  }));
}

/** sysregistriesv2: one location cannot be safe under one prefix and unsafe under another. */
function checkConflicts(rules: readonly RegistryRule[], where: Where): void {
  const seen = new Map<string, RegistryRule>();
  for (const rule of rules) {
    const key = rule.location === '' ? rule.prefix : rule.location;
    const other = seen.get(key) ?? rule;
    seen.set(key, other);
    if (other.insecure !== rule.insecure || other.blocked !== rule.blocked)
      throw fieldError(
        within(where, 'registry'),
        'names one location twice, with different `insecure` or `blocked`',
      );
  }
}

function readName(table: JsonObject, key: string, where: Where): string {
  const at = within(where, key);
  return plainName(asOptionalString(member(table, key), at), at);
}

function plainName(text: string, where: Where): string {
  if (text.includes('://')) throw fieldError(where, 'must not have a scheme');
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end -= 1;
  const slash = text.indexOf('/');
  const hostEnd = slash < 0 ? end : slash;
  return text.slice(0, hostEnd).toLowerCase() + text.slice(hostEnd, end);
}

function readSwitch(table: JsonObject, key: string, where: Where): boolean {
  const value = member(table, key);
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw fieldError(within(where, key), 'must be true or false');
}
