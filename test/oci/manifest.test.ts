import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import type { DocumentHints } from '../../src/oci/document.ts';
import { bestEntry, listPlatforms } from '../../src/oci/index-entry.ts';
import { type ImageIndex, type ImageManifest, parseImageDocument } from '../../src/oci/manifest.ts';
import { formatPlatform, parsePlatform } from '../../src/oci/platform.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const T = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

const descriptor = (mediaType?: string, extra: object = {}) => ({
  ...(mediaType === undefined ? {} : { mediaType }),
  digest: DIGEST,
  size: 10,
  ...extra,
});
const image = (extra: object = {}) => ({
  schemaVersion: 2,
  mediaType: T.ociManifest,
  config: descriptor(T.ociConfig),
  layers: [descriptor(T.ociLayer)],
  ...extra,
});
const index = (manifests: readonly object[], extra: object = {}) => ({
  schemaVersion: 2,
  mediaType: T.ociIndex,
  manifests,
  ...extra,
});
const entry = (platform: string | undefined, extra: object = {}) => {
  const [os, architecture, variant] = platform?.split('/') ?? [];
  const value = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return descriptor(T.ociManifest, {
    ...(platform === undefined ? {} : { platform: value }),
    ...extra,
  });
};

function parse(body: unknown, hints: DocumentHints = {}): ImageIndex | ImageManifest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return parseImageDocument(Buffer.from(text), 'here', hints);
}

function failureOf(body: unknown, hints: DocumentHints = {}): string {
  try {
    parse(body, hints);
  } catch (error) {
    expect(error).toBeInstanceOf(ErofsWasmError);
    expect((error as ErofsWasmError).code).toBe('E_MANIFEST');
    return (error as ErofsWasmError).message;
  }
  throw new Error('accepted');
}

describe('manifests and indexes', () => {
  it.each([
    ['an OCI manifest', image(), {}, 'manifest'],
    [
      'a Docker manifest',
      image({ mediaType: T.manifest }),
      { contentType: T.manifest },
      'manifest',
    ],
    ['an OCI index', index([]), {}, 'index'],
    ['a Docker list', index([], { mediaType: T.list }), { contentType: T.list }, 'index'],
    ['a manifest by its shape', image({ mediaType: undefined }), {}, 'manifest'],
    ['an index by its shape', index([], { mediaType: undefined }), {}, 'index'],
    ['an index by its header', { schemaVersion: 2 }, { contentType: T.ociIndex }, 'index'],
    ['null lists', index([], { manifests: null }), {}, 'index'],
    [
      'a header with parameters',
      image(),
      { contentType: `${T.ociManifest}; charset=x` },
      'manifest',
    ],
    ['generic headers', image(), { contentType: 'text/plain; charset=utf-8' }, 'manifest'],
    ['a null annotation map', image({ annotations: null }), {}, 'manifest'],
    [
      'an empty data field',
      image({ config: descriptor(T.ociConfig, { data: '' }) }),
      {},
      'manifest',
    ],
    ['unknown fields', image({ subject: descriptor('x/y'), more: [1] }), {}, 'manifest'],
  ])('accepts %s', (_name, body, hints, kind) => {
    const document = parse(body, hints);
    expect(document.kind).toBe(kind);
    expect(document.warnings).toEqual([]);
  });

  it.each([
    ['no schemaVersion', image({ schemaVersion: undefined }), {}, /no schemaVersion/],
    [
      'Docker sent as OCI',
      image({ mediaType: T.manifest }),
      { contentType: T.ociManifest },
      /server sent/,
    ],
    ['a header of its own', image(), { contentType: 'application/x-own' }, /x-own/],
    [
      'a generic config type',
      image({ config: descriptor('application/octet-stream') }),
      {},
      /config/,
    ],
    ['no layer type', image({ layers: [descriptor()] }), {}, /layers\[0\].*\(empty\)/],
    ['no layers', image({ layers: null }), {}, /no layers/],
  ])('accepts %s with a warning', (_name, body, hints, warning) => {
    const document = parse(body, hints);
    expect(document.warnings).toHaveLength(1);
    expect(document.warnings[0]).toMatch(warning);
  });

  it.each([
    ['both lists (CVE-2021-41190)', index([], { layers: [] }), {}, /ambiguous/],
    ['a config in an index', index([], { config: descriptor(T.ociConfig) }), {}, /ambiguous/],
    ['two generations', image({ fsLayers: [] }), {}, /ambiguous/],
    ['schema 1', { schemaVersion: 1, fsLayers: [], signatures: [] }, {}, /schema 1/],
    [
      'signed schema 1',
      image({ mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }),
      {},
      /schema 1/,
    ],
    [
      'an artifact manifest',
      { mediaType: 'application/vnd.oci.artifact.manifest.v1+json' },
      {},
      /artifact/,
    ],
    [
      'a chart',
      image({ config: descriptor('application/vnd.cncf.helm.config.v1+json') }),
      {},
      /helm/,
    ],
    [
      'an artifact',
      image({
        config: descriptor('application/vnd.oci.empty.v1+json', { data: 'e30=' }),
        artifactType: 'application/vnd.x',
      }),
      {},
      /empty\.v1\+json`, artifactType `application\/vnd\.x`/,
    ],
    [
      'a plugin',
      image({ config: descriptor('application/vnd.docker.plugin.v1+json') }),
      {},
      /plugin/,
    ],
    [
      'an encrypted layer',
      image({ layers: [descriptor(`${T.ociLayer}+encrypted`)] }),
      {},
      /encrypted/,
    ],
    [
      'an EROFS layer',
      image({ layers: [descriptor('application/vnd.erofs.layer.v1')] }),
      {},
      /EROFS/,
    ],
    ['a statement', image({ layers: [descriptor('application/vnd.in-toto+json')] }), {}, /in-toto/],
    ['another media type', image({ mediaType: 'application/x' }), {}, /application\/x/],
    ['a page', '<html></html>', {}, /web page/],
    ['a page by its header', image(), { contentType: 'text/html' }, /web page/],
    ['a manifest sent as an index', image(), { contentType: T.ociIndex }, /both/],
    [
      'an index where a manifest was promised',
      index([]),
      { descriptorType: T.ociManifest },
      /both/,
    ],
    ['an index shaped like a manifest', image({ mediaType: T.ociIndex }), {}, /other|another/],
    ['nothing it knows', { schemaVersion: 2 }, {}, /neither/],
    ['a list', '[]', {}, /object/],
    ['null', 'null', {}, /object/],
    ['nothing', '', {}, /empty/],
    ['rubbish', '{', {}, /JSON/],
    ['trailing rubbish', `${JSON.stringify(image())}x`, {}, /JSON/],
    ['a byte order mark', `\ufeff${JSON.stringify(image())}`, {}, /byte order/],
    ['a bottomless list', `{"a":${'['.repeat(101)}`, {}, /nests/],
    ['a key twice', `{"schemaVersion":2,"layers":[],"layers":[]}`, {}, /`layers` twice/],
    ['an escaped key twice', `{"digest":1,"\\u0064igest":2}`, {}, /`digest` twice/],
    ['another version', image({ schemaVersion: 3 }), {}, /must be 2/],
    [
      'a negative size',
      image({ layers: [descriptor(T.ociLayer, { size: -1 })] }),
      {},
      /layers\[0\]\.size/,
    ],
    ['a broken size', image({ layers: [descriptor(T.ociLayer, { size: 1.5 })] }), {}, /size/],
    ['a vast size', image({ layers: [descriptor(T.ociLayer, { size: 2 ** 53 })] }), {}, /size/],
    ['a size in words', image({ layers: [descriptor(T.ociLayer, { size: '10' })] }), {}, /size/],
    ['no digest', image({ config: { mediaType: T.ociConfig, size: 1 } }), {}, /config\.digest/],
    [
      'a path for a digest',
      image({ layers: [descriptor(T.ociLayer, { digest: 'sha256:../../x' })] }),
      {},
      /not a digest/,
    ],
    ['layers in an object', image({ layers: {} }), {}, /array/],
    ['a number for a type', image({ mediaType: 5 }), {}, /string/],
    ['a list for a platform', index([descriptor(T.ociManifest, { platform: [] })]), {}, /object/],
  ])('refuses %s', (_name, body, hints, message) => {
    expect(failureOf(body, hints)).toMatch(message);
  });

  it('ends in a result or a typed error for any document', () => {
    const keys = fc.constantFrom(
      ...['schemaVersion', 'mediaType', 'manifests', 'layers', 'config', 'digest', 'size'],
      ...['platform', 'annotations', 'artifactType', 'fsLayers', '__proto__', 'os', 'os.features'],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 2, DIGEST, T.ociManifest, T.ociIndex, T.ociConfig, T.ociLayer, ''),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(tree, fc.string()), (body) => {
        try {
          parse(body);
        } catch (error) {
          expect(error).toBeInstanceOf(ErofsWasmError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes linear time for large documents', () => {
    const started = performance.now();
    for (const shape of ['[]', '{}', '"', '"a":', '\\', ' ', '{"layers":1},'])
      expect(failureOf(`[${shape.repeat((1 << 22) / shape.length)}`)).not.toBe('');
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('the entry for a platform', () => {
  const choose = (entries: readonly object[], wanted: string) => {
    const document = parse(index(entries)) as ImageIndex;
    return bestEntry(document.entries, parsePlatform(wanted));
  };
  const attestation = { 'vnd.docker.reference.type': 'attestation-manifest' };

  it('is the best one, and among equals the first', () => {
    const entries = [
      entry('linux/arm/v5'),
      entry('linux/arm/v7', { size: 1 }),
      entry('linux/arm/v7', { size: 2 }),
      entry('linux/arm/v6'),
    ];
    expect(choose(entries, 'linux/arm')?.descriptor.size).toBe(1);
    expect(formatPlatform(choose(entries, 'linux/arm/v6')!.platform!)).toBe('linux/arm/v6');
    expect(choose(entries, 'linux/arm64')).toBeUndefined();
    expect(choose([entry('linux/386')], 'linux/amd64')).toBeUndefined();
  });

  it.each([
    ['an attestation', entry('linux/amd64', { annotations: attestation })],
    ['an artifact', entry('linux/amd64', { artifactType: 'application/vnd.in-toto+json' })],
    ['another type', entry('linux/amd64', { mediaType: 'application/vnd.own+json' })],
    [
      'special needs',
      descriptor(T.ociManifest, {
        platform: { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] },
      }),
    ],
    ['no platform', entry(undefined)],
  ])('is never one with %s', (_name, other) => {
    expect(choose([other], 'linux/amd64')).toBeUndefined();
    const found = choose([other, entry('linux/x86_64', { size: 7 })], 'linux/amd64');
    expect(found?.descriptor.size).toBe(7);
  });

  it('is listed without attestations', () => {
    const document = parse(
      index([entry('unknown/unknown'), entry('linux/amd64'), entry('windows/amd64')]),
    ) as ImageIndex;
    expect(listPlatforms(document.entries)).toBe('linux/amd64, windows/amd64');
  });
});
