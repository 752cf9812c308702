/** Descriptors: the type, digest and size of content that is stored elsewhere (OCI image-spec, descriptor.md). */

import { digestProblem } from './digest.ts';
import {
  asArray,
  asObject,
  asOptionalString,
  asString,
  asStringMap,
  fieldError,
  type JsonObject,
  member,
  type Where,
  within,
} from './fields.ts';
import { quoted } from './quote.ts';

export interface Descriptor {
  /** As written; empty where the document has none. */
  readonly mediaType: string;
  /** Syntax checked; the algorithm may still be one that cannot be computed here. */
  readonly digest: string;
  /** Bytes, 0 to 2^53-1. */
  readonly size: number;
  readonly annotations: ReadonlyMap<string, string>;
  readonly artifactType: string;
  /** The content itself in base64, as written and unchecked; absent or empty where it is stored elsewhere. */
  readonly data?: string;
  /** Other places of the content, as written and unchecked; absent where there are none. */
  readonly urls?: readonly string[];
}

/** Known layers name one or two places; this bounds what a manifest can make a client ask. */
const MOST_URLS = 8;
/** The length of request lines that servers must take (RFC 9112, section 3). */
const LONGEST_URL = 8000;

/** Reads a descriptor; unknown fields are ignored. Throws `where.code`. */
export function parseDescriptor(value: unknown, where: Where): Descriptor {
  const object = asObject(value, where);
  const data = optional(object, 'data', where);
  const urls = parseUrls(object, where);
  return {
    mediaType: optional(object, 'mediaType', where),
    digest: parseDigestField(object, where),
    size: parseSize(object, where),
    annotations: asStringMap(member(object, 'annotations'), within(where, 'annotations')),
    artifactType: optional(object, 'artifactType', where),
    ...(data === '' ? {} : { data }),
    ...(urls.length === 0 ? {} : { urls }),
  };
}

function optional(object: JsonObject, key: string, where: Where): string {
  return asOptionalString(member(object, key), within(where, key));
}

function parseUrls(object: JsonObject, where: Where): readonly string[] {
  const place = within(where, 'urls');
  const urls = asArray(member(object, 'urls'), place).slice(0, MOST_URLS);
  const texts = urls.map((url, index) => asString(url, within(place, index)));
  return texts.filter((url) => url.length <= LONGEST_URL);
}

/** Checked before it can reach a URL or a path (CVE-2024-3727). */
function parseDigestField(object: JsonObject, where: Where): string {
  const place = within(where, 'digest');
  const digest = asString(member(object, 'digest'), place);
  const problem = digestProblem(digest);
  if (problem !== undefined && problem.kind !== 'algorithm')
    throw fieldError(place, `is not a digest: ${quoted(digest)} ${problem.text}`);
  return digest;
}

function parseSize(object: JsonObject, where: Where): number {
  const size = member(object, 'size');
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw fieldError(within(where, 'size'), 'must be a whole number from 0 to 2^53-1');
}
