/**
 * JSON from outside, read more strictly than `JSON.parse`: valid UTF-8 without a byte order mark, bounded nesting,
 * and no repeated key where two readers could take different values for the same image (CVE-2021-41190 and kin).
 */

import { ErofsWasmError, type ErrorCode } from '../errors.ts';

/** No image document nests deeper than about ten levels; this bounds what later readers recurse over. */
const DEEPEST_NESTING = 100;

/** Keys that decide which bytes an image consists of; a second one in the same object is refused. */
const GUARDED_KEYS: ReadonlySet<string> = new Set([
  'mediaType',
  'schemaVersion',
  'digest',
  'size',
  'layers',
  'manifests',
  'config',
  'platform',
  'rootfs',
  'diff_ids',
  'Config',
  'Layers',
]);

const LESS_THAN = 0x3c;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** The value of a document. Throws `code` naming `place`. */
export function parseStrictJson(bytes: Uint8Array, code: ErrorCode, place: string): unknown {
  const fail = (summary: string, hint?: string): never => {
    throw new ErofsWasmError(code, summary, { place, ...(hint === undefined ? {} : { hint }) });
  };
  if (bytes.length === 0) fail('the document is empty');
  if (BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte))
    fail('the document starts with a byte order mark');
  if (firstVisible(bytes) === LESS_THAN)
    fail(
      'this is a web page, not a JSON document',
      'a proxy, a login page or a wrong host answered',
    );
  const text = decode(bytes) ?? fail('the document is not UTF-8');
  const trouble = structureProblem(text);
  if (trouble !== undefined) fail(trouble);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fail('the document is not valid JSON');
  }
}

function firstVisible(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => byte > 0x20);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Walks over brackets and strings only; whether it is JSON at all is left to `JSON.parse`. */
function structureProblem(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (open.push(new Set()) > DEEPEST_NESTING)
        return `the document nests deeper than ${DEEPEST_NESTING} levels`;
    } else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = stringEnd(text, at);
      const key = isKey(text, end) ? unescaped(text.slice(at, end)) : undefined;
      if (key !== undefined && repeats(open.at(-1), key))
        return `the document has the key \`${key}\` twice in one object`;
      at = end - 1;
    }
  }
  return undefined;
}

/** The index after the closing quote, or the end of the text. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function unescaped(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

function repeats(seen: Set<string> | undefined, key: string): boolean {
  if (seen === undefined || !GUARDED_KEYS.has(key)) return false;
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}
