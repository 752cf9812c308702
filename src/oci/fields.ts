/** Typed access to the fields of a JSON document; a wrong type is an error that names the field. */

import { ErofsWasmError, type ErrorCode } from '../errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Where a value stands: the document, for people, and the way to the value inside it. */
export interface Where {
  readonly code: ErrorCode;
  readonly place: string;
  readonly path: string;
}

/** The place of a member or element. */
export function within(where: Where, key: string | number): Where {
  const step = typeof key === 'number' ? `[${key}]` : where.path === '' ? key : `.${key}`;
  return { ...where, path: where.path + step };
}

/** An error about the value at `where`. */
export function fieldError(where: Where, problem: string, hint?: string): ErofsWasmError {
  const subject = where.path === '' ? 'the document' : `\`${where.path}\``;
  return new ErofsWasmError(where.code, `${subject} ${problem}`, {
    place: where.place,
    ...(hint === undefined ? {} : { hint }),
  });
}

export function asObject(value: unknown, where: Where): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonObject;
  throw fieldError(where, 'must be an object');
}

/** An array; `null` and absence count as an empty one, which is how Go writes an empty slice. */
export function asArray(value: unknown, where: Where): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw fieldError(where, 'must be an array');
}

export function asString(value: unknown, where: Where): string {
  if (typeof value === 'string') return value;
  throw fieldError(where, 'must be a string');
}

/** A string; `null` and absence count as an empty one. */
export function asOptionalString(value: unknown, where: Where): string {
  return value === undefined || value === null ? '' : asString(value, where);
}

/** An own member, so that names such as `constructor` are never found on the prototype. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An object of strings, as a map; `null` and absence count as empty, other values are skipped. */
export function asStringMap(value: unknown, where: Where): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return new Map();
  const pairs = Object.entries(asObject(value, where));
  return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}
