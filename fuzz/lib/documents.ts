/** Whole documents of every kind that is read as JSON. */

import type { Json } from './mutate-json.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const OTHER = `sha256:${'f'.repeat(64)}`;
const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';

function layer(mediaType: string): Json {
  return { mediaType, digest: DIGEST, size: 1234 };
}

const MANIFEST: Json = {
  schemaVersion: 2,
  mediaType: `${OCI}.manifest.v1+json`,
  config: { mediaType: `${OCI}.config.v1+json`, digest: OTHER, size: 500 },
  layers: [
    layer(`${OCI}.layer.v1.tar+gzip`),
    layer(`${OCI}.layer.v1.tar+zstd`),
    layer(`${OCI}.layer.nondistributable.v1.tar`),
  ],
  annotations: { 'org.opencontainers.image.created': 'now' },
};

const DOCKER_MANIFEST: Json = {
  schemaVersion: 2,
  mediaType: `${DOCKER}.distribution.manifest.v2+json`,
  config: { mediaType: `${DOCKER}.container.image.v1+json`, digest: OTHER, size: 500 },
  layers: [
    layer(`${DOCKER}.image.rootfs.diff.tar.gzip`),
    layer(`${DOCKER}.image.rootfs.foreign.diff.tar`),
  ],
};

const INDEX: Json = {
  schemaVersion: 2,
  mediaType: `${OCI}.index.v1+json`,
  manifests: [
    {
      mediaType: `${OCI}.manifest.v1+json`,
      digest: DIGEST,
      size: 100,
      platform: { os: 'linux', architecture: 'amd64' },
      annotations: { 'org.opencontainers.image.ref.name': 'latest' },
    },
    {
      mediaType: `${DOCKER}.distribution.manifest.v2+json`,
      digest: OTHER,
      size: 100,
      platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.features': ['x'] },
    },
    {
      mediaType: `${OCI}.manifest.v1+json`,
      digest: OTHER,
      size: 1,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    },
    { mediaType: `${OCI}.index.v1+json`, digest: DIGEST, size: 7 },
    { digest: DIGEST, size: 7 },
  ],
};

const CONFIG: Json = {
  created: '2024-05-06T07:08:09.123456789Z',
  architecture: 'amd64',
  os: 'linux',
  config: { Env: ['A=B'], Cmd: ['sh'] },
  rootfs: { type: 'layers', diff_ids: [DIGEST, OTHER] },
  history: [{ created: '2024-05-06T07:08:09Z', created_by: 'x', empty_layer: true }],
};

const SCHEMA1: Json = {
  schemaVersion: 1,
  name: 'a',
  tag: 'b',
  fsLayers: [{ blobSum: DIGEST }],
  signatures: [],
};

const LOGINS: Json = {
  auths: {
    'registry.example': { auth: 'dXNlcjpodW50ZXIy' },
    'https://index.docker.io/v1/': { username: 'u', password: 'hunter2' },
    other: { identitytoken: 'hunter2' },
  },
  credHelpers: { 'helped.example': 'x' },
  credsStore: 'store',
};

/** By the letter that stands before each text, which says who reads it. */
export const DOCUMENTS: readonly (readonly [letter: string, document: Json])[] = [
  ['d', MANIFEST],
  ['d', DOCKER_MANIFEST],
  ['d', INDEX],
  ['d', SCHEMA1],
  ['c', CONFIG],
  ['l', LOGINS],
];
