/** Media types of image documents and layers (OCI image-spec media-types.md; Docker image manifest v2, schema 2). */

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';

/** What a request for a manifest accepts; without a wildcard, which makes old registries send schema 1. */
export const MANIFEST_TYPES: readonly string[] = [
  OCI_INDEX,
  DOCKER_LIST,
  OCI_MANIFEST,
  DOCKER_MANIFEST,
];

/** What a document is; `generic` types say nothing, and the content decides. */
export type DocumentKind =
  | 'index'
  | 'manifest'
  | 'schema1'
  | 'artifact'
  | 'page'
  | 'generic'
  | 'other';

const DOCUMENT_KINDS: ReadonlyMap<string, DocumentKind> = new Map<string, DocumentKind>([
  [OCI_INDEX, 'index'],
  [DOCKER_LIST, 'index'],
  [OCI_MANIFEST, 'manifest'],
  [DOCKER_MANIFEST, 'manifest'],
  ['application/vnd.docker.distribution.manifest.v1+json', 'schema1'],
  ['application/vnd.docker.distribution.manifest.v1+prettyjws', 'schema1'],
  ['application/vnd.oci.artifact.manifest.v1+json', 'artifact'],
  ['text/html', 'page'],
  ['application/xhtml+xml', 'page'],
  ['', 'generic'],
  ['text/plain', 'generic'],
  ['application/json', 'generic'],
  ['application/octet-stream', 'generic'],
  ['binary/octet-stream', 'generic'],
]);

/** The kind of document a `Content-Type` or `mediaType` announces; parameters and case do not matter. */
export function documentKind(mediaType: string): DocumentKind {
  return DOCUMENT_KINDS.get(bareType(mediaType)) ?? 'other';
}

/** What a config descriptor's type says: an image's config, nothing, or something else altogether. */
export function configKind(mediaType: string): 'image' | 'generic' | 'other' {
  const type = bareType(mediaType);
  if (type === OCI_CONFIG || type === DOCKER_CONFIG) return 'image';
  return documentKind(type) === 'generic' ? 'generic' : 'other';
}

/** What a layer descriptor's type says; a file system layer may be packed in any way, its bytes tell how. */
export type LayerKind = 'tar' | 'generic' | 'encrypted' | 'erofs' | 'other';

/** OCI and Docker tar layers, those that must not be pushed included. */
const TAR_LAYER =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[.+](?:gzip|zstd))?$/;

/** The kind of layer a descriptor announces. */
export function layerKind(mediaType: string): LayerKind {
  const type = bareType(mediaType);
  if (TAR_LAYER.test(type)) return 'tar';
  if (type.endsWith('+encrypted')) return 'encrypted';
  if (type.startsWith('application/vnd.erofs.layer')) return 'erofs';
  return documentKind(type) === 'generic' ? 'generic' : 'other';
}

function bareType(mediaType: string): string {
  const semicolon = mediaType.indexOf(';');
  return (semicolon < 0 ? mediaType : mediaType.slice(0, semicolon)).trim().toLowerCase();
}
