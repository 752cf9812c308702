/** Which kind of document a JSON body is: by what it says, by what the server or parent says, or by its shape. */

import {
  asOptionalString,
  fieldError,
  type JsonObject,
  member,
  type Where,
  within,
} from './fields.ts';
import { type DocumentKind, documentKind } from './media-types.ts';
import { quoted } from './quote.ts';

/** What others say about a document. */
export interface DocumentHints {
  /** `Content-Type` of the response. */
  readonly contentType?: string;
  /** Media type in the descriptor that led here; binding where it names a kind (image-spec, descriptor.md). */
  readonly descriptorType?: string;
}

export interface DocumentDecision {
  readonly kind: 'index' | 'manifest';
  readonly warnings: readonly string[];
}

type Shape = 'index' | 'manifest' | 'schema1' | 'none';

/** Decides, or throws `where.code` with the name of what was found instead. */
export function decideDocument(
  body: JsonObject,
  hints: DocumentHints,
  where: Where,
): DocumentDecision {
  const mediaType = asOptionalString(member(body, 'mediaType'), within(where, 'mediaType'));
  const shape = shapeOf(body, where);
  refuseForeign(mediaType, shape, where);
  const { contentType = '', descriptorType = '' } = hints;
  if (documentKind(contentType) === 'page')
    throw fieldError(where, 'was sent as a web page', 'a proxy or a login page may have answered');
  const kinds = [mediaType, descriptorType, contentType].map(documentKind);
  const announced = new Set(kinds.filter(isImageKind));
  if (announced.size > 1)
    throw fieldError(
      where,
      `is announced both as an index and as a manifest: ${quoted(mediaType || descriptorType)} and ${quoted(contentType || descriptorType)}`,
    );
  const kind = [...announced][0] ?? (isImageKind(shape) ? shape : undefined);
  if (kind === undefined || (shape !== 'none' && shape !== kind)) throw unknownShape(where, kind);
  return { kind, warnings: [...versionWarnings(body, where), ...typeWarnings(mediaType, hints)] };
}

/** CVE-2021-41190: with both lists present, two readers could see two different images. */
function shapeOf(body: JsonObject, where: Where): Shape {
  const has = (key: string): boolean => {
    const value = member(body, key);
    return value !== undefined && value !== null;
  };
  if (has('manifests') && (has('layers') || has('config') || has('fsLayers')))
    throw fieldError(where, 'is ambiguous: it has both `manifests` and the parts of one image');
  if (has('layers') && has('fsLayers'))
    throw fieldError(where, 'is ambiguous: it has both `layers` and `fsLayers`');
  if (has('manifests')) return 'index';
  if (has('fsLayers') || (has('signatures') && !has('config'))) return 'schema1';
  if (has('config') || has('layers')) return 'manifest';
  return member(body, 'schemaVersion') === 1 ? 'schema1' : 'none';
}

function refuseForeign(mediaType: string, shape: Shape, where: Where): void {
  const kind = documentKind(mediaType);
  if (kind === 'schema1' || shape === 'schema1')
    throw fieldError(
      where,
      'is a Docker schema 1 image',
      'push the image again with a current client',
    );
  if (kind === 'artifact')
    throw fieldError(where, 'is an OCI artifact manifest, not a container image');
  if (kind === 'other' || kind === 'page')
    throw fieldError(where, `is not a container image: media type ${quoted(mediaType)}`);
}

function unknownShape(where: Where, kind: 'index' | 'manifest' | undefined): Error {
  return fieldError(
    where,
    kind === undefined
      ? 'is neither an image index nor an image manifest'
      : `is announced as an image ${kind} but has the parts of another document`,
  );
}

function versionWarnings(body: JsonObject, where: Where): string[] {
  const version = member(body, 'schemaVersion');
  if (version === 2) return [];
  if (version === undefined) return ['the document has no schemaVersion, taken for 2'];
  throw fieldError(within(where, 'schemaVersion'), 'must be 2');
}

function typeWarnings(mediaType: string, { contentType = '' }: DocumentHints): string[] {
  if (documentKind(contentType) === 'other')
    return [`the server sent the manifest with the type ${quoted(contentType)}`];
  const differs = mediaType !== '' && isImageKind(documentKind(contentType));
  if (!differs || contentType.split(';')[0]?.trim().toLowerCase() === mediaType.toLowerCase())
    return [];
  return [`the server sent ${quoted(contentType)}, the document says ${quoted(mediaType)}`];
}

function isImageKind(kind: DocumentKind | Shape): kind is 'index' | 'manifest' {
  return kind === 'index' || kind === 'manifest';
}
