/**
 * Image manifests and indexes, OCI and Docker schema 2 (image-spec manifest.md, image-index.md). What is neither is
 * refused by a message that names what was found. Odd but unambiguous documents pass with a warning.
 */

import { DEFAULT_LIMITS, type Limits, limitError } from '../limits.ts';
import { type Descriptor, parseDescriptor } from './descriptor.ts';
import { type DocumentHints, decideDocument } from './document.ts';
import {
  asArray,
  asObject,
  asOptionalString,
  fieldError,
  type JsonObject,
  member,
  type Where,
  within,
} from './fields.ts';
import { type IndexEntry, parseIndexEntry } from './index-entry.ts';
import { parseStrictJson } from './json.ts';
import { configKind, layerKind } from './media-types.ts';
import { quoted } from './quote.ts';

/** A choice between manifests. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly entries: readonly IndexEntry[];
  readonly warnings: readonly string[];
}

/** One image of one platform. */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
  readonly warnings: readonly string[];
}

/** The limits on what a document lists. */
export type ListLimits = Pick<Limits, 'indexEntries' | 'layers'>;

/** Reads a manifest or an index. `place` names the document in errors. Throws `E_MANIFEST`, `E_LIMIT`. */
export function parseImageDocument(
  bytes: Uint8Array,
  place: string,
  hints: DocumentHints = {},
  limits: ListLimits = DEFAULT_LIMITS,
): ImageIndex | ImageManifest {
  const where: Where = { code: 'E_MANIFEST', place, path: '' };
  const body = asObject(parseStrictJson(bytes, 'E_MANIFEST', place), where);
  const { kind, warnings } = decideDocument(body, hints, where);
  return kind === 'index'
    ? { kind, entries: parseEntries(body, where, limits), warnings }
    : parseManifest(body, where, warnings, limits);
}

function parseEntries(body: JsonObject, where: Where, limits: ListLimits): readonly IndexEntry[] {
  const values = asArray(member(body, 'manifests'), within(where, 'manifests'));
  if (values.length > limits.indexEntries) throw tooManyEntries(limits, where.place);
  return values.map((value, index) =>
    parseIndexEntry(value, within(within(where, 'manifests'), index)),
  );
}

/** `E_LIMIT` for the index at `place`. */
export function tooManyEntries(limits: Pick<Limits, 'indexEntries'>, place: string): Error {
  return limitError('indexEntries', limits, 'the number of manifests in an index', place);
}

function parseManifest(
  body: JsonObject,
  where: Where,
  warnings: readonly string[],
  limits: ListLimits,
): ImageManifest {
  const config = parseDescriptor(member(body, 'config'), within(where, 'config'));
  const artifactType = asOptionalString(
    member(body, 'artifactType'),
    within(where, 'artifactType'),
  );
  const listed = asArray(member(body, 'layers'), within(where, 'layers'));
  checkLayers(listed.length, limits, where.place);
  const layers = listed.map((value, index) => {
    const place = within(within(where, 'layers'), index);
    return { layer: parseDescriptor(value, place), place };
  });
  const remarks = [
    ...checkConfigType(config, artifactType, where),
    ...layers.flatMap(({ layer, place }) => checkLayerType(layer, place)),
    ...(layers.length === 0 ? ['the image has no layers; its root is empty'] : []),
  ];
  return {
    kind: 'manifest',
    config,
    layers: layers.map(({ layer }) => layer),
    warnings: [...warnings, ...remarks],
  };
}

/** Throws `E_LIMIT` where an image has more layers than images have. */
export function checkLayers(count: number, limits: Pick<Limits, 'layers'>, place: string): void {
  if (count > limits.layers) throw limitError('layers', limits, 'the number of layers', place);
}

function checkConfigType(config: Descriptor, artifactType: string, where: Where): string[] {
  const kind = configKind(config.mediaType);
  if (kind === 'image') return [];
  if (kind === 'generic')
    return [`the config's media type is ${quoted(config.mediaType)}, taken for an image config`];
  const artifact = artifactType === '' ? '' : `, artifactType ${quoted(artifactType)}`;
  throw fieldError(
    where,
    `is not a container image: config type ${quoted(config.mediaType)}${artifact}`,
    'only container images have a file system to convert',
  );
}

function checkLayerType(layer: Descriptor, where: Where): string[] {
  const type = quoted(layer.mediaType);
  switch (layerKind(layer.mediaType)) {
    case 'tar':
      return [];
    case 'generic':
      return [`${where.path} has the media type ${type}, taken for a tar`];
    case 'encrypted':
      throw fieldError(where, `is an encrypted layer: ${type}`, 'decrypt the image first');
    case 'erofs':
      throw fieldError(where, `is an EROFS image already: ${type}`, 'there is nothing to convert');
    default:
      throw fieldError(where, `is not a file system layer: ${type}`);
  }
}
