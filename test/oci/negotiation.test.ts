/** What a document is taken for, by its header, its parent and itself, and how strictly it is read. */

import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import type { DocumentHints } from '../../src/oci/document.ts';
import { bestEntry } from '../../src/oci/index-entry.ts';
import { parseImageDocument } from '../../src/oci/manifest.ts';
import { MANIFEST_TYPES } from '../../src/oci/media-types.ts';
import { parsePlatform } from '../../src/oci/platform.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OCI = 'application/vnd.oci.image.';
const DOCKER = 'application/vnd.docker.distribution.';
const INDEX = `${OCI}index.v1+json`;
const MANIFEST = `${OCI}manifest.v1+json`;
const LIST = `${DOCKER}manifest.list.v2+json`;
const SCHEMA2 = `${DOCKER}manifest.v2+json`;

const part = (mediaType: string, extra: object = {}) => ({
  mediaType,
  digest: DIGEST,
  size: 1,
  ...extra,
});
const image = (extra: object = {}) => ({
  schemaVersion: 2,
  config: part(`${OCI}config.v1+json`),
  layers: [part(`${OCI}layer.v1.tar`)],
  ...extra,
});
const index = (manifests: readonly object[] = [], extra: object = {}) => ({
  schemaVersion: 2,
  manifests,
  ...extra,
});

function outcome(body: unknown, hints: DocumentHints = {}): string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  try {
    const { kind, warnings } = parseImageDocument(bytes, 'here', hints);
    return [kind, ...warnings].join('; ');
  } catch (error) {
    expect(error).toBeInstanceOf(ErofsWasmError);
    expect((error as ErofsWasmError).code).toBe('E_MANIFEST');
    return (error as ErofsWasmError).message;
  }
}

describe('3.1 what is accepted', () => {
  it('is indexes before manifests, of OCI before Docker, and nothing else', () => {
    expect(MANIFEST_TYPES).toEqual([INDEX, LIST, MANIFEST, SCHEMA2]);
  });
});

describe('3.2 rule 2: what the header says', () => {
  const silent = [
    ...['', 'text/plain', 'application/json', 'application/octet-stream'],
    ...['binary/octet-stream', 'Application/JSON; charset=utf-8'],
  ];

  it.each(silent)('%j leaves it to the content', (contentType) => {
    expect(outcome(image(), { contentType })).toBe('manifest');
    expect(outcome(index(), { contentType })).toBe('index');
    expect(outcome(image({ mediaType: SCHEMA2 }), { contentType })).toBe('manifest');
    expect(outcome({ schemaVersion: 1, fsLayers: [] }, { contentType })).toMatch(/schema 1/);
    expect(outcome({ schemaVersion: 1, signatures: [] }, { contentType })).toMatch(/schema 1/);
    expect(outcome({ schemaVersion: 1, name: 'x' }, { contentType })).toMatch(/schema 1/);
    expect(outcome({ schemaVersion: 2 }, { contentType })).toMatch(/neither/);
    expect(outcome('  \n<!doctype html>', { contentType })).toMatch(/web page/);
  });

  it.each([
    [INDEX, index(), 'index'],
    [LIST, index(), 'index'],
    [MANIFEST, image(), 'manifest'],
    [SCHEMA2, image(), 'manifest'],
    [`${MANIFEST.toUpperCase()} ; v=1`, image(), 'manifest'],
  ])('%s decides', (contentType, body, kind) => {
    expect(outcome(body, { contentType })).toBe(kind);
  });
});

describe('3.2 rule 3: header and document', () => {
  it.each([
    [MANIFEST, SCHEMA2],
    [SCHEMA2, MANIFEST],
    [INDEX, LIST],
    [LIST, INDEX],
  ])('%s for %s is a warning', (contentType, mediaType) => {
    const body = contentType === INDEX || contentType === LIST ? index : image;
    const said = outcome(body === index ? index([], { mediaType }) : image({ mediaType }), {
      contentType,
    });
    expect(said).toMatch(/^(index|manifest); the server sent/);
  });

  it.each([
    [INDEX, MANIFEST],
    [MANIFEST, INDEX],
    [LIST, SCHEMA2],
  ])('%s for %s is an error', (contentType, mediaType) => {
    expect(outcome(image({ mediaType }), { contentType })).toMatch(/both/);
    expect(outcome(index([], { mediaType }), { descriptorType: contentType })).toMatch(/both/);
  });
});

describe('3.2 rule 4: CVE-2021-41190', () => {
  it.each(['config', 'layers', 'fsLayers'])('`manifests` and `%s` are refused', (key) => {
    const value = key === 'config' ? part(`${OCI}config.v1+json`) : [];
    expect(outcome(index([], { [key]: value }))).toMatch(/ambiguous/);
  });
});

describe('3.2 rule 5: JSON', () => {
  const nested = (depth: number) =>
    JSON.stringify(image()).replace('{', `{"x":${'['.repeat(depth)}${']'.repeat(depth)},`);

  it('nests 100 levels at most', () => {
    expect(outcome(nested(99))).toBe('manifest');
    expect(outcome(nested(100))).toMatch(/nests deeper than 100/);
  });

  it.each(['mediaType', 'digest', 'size', 'layers', 'manifests', 'config', 'schemaVersion'])(
    'has `%s` once',
    (key) => {
      const text = JSON.stringify(image()).slice(0, -1);
      expect(outcome(`${text},"x":{"${key}":1,"${key}":1}}`)).toContain(`\`${key}\` twice`);
      expect(outcome(`${text},"x":[{"${key}":1},{"${key}":1}]}`)).toBe('manifest');
    },
  );

  it.each(['9007199254740992', '1e400', '-1', '1.5', 'null', '"1"', 'true', '[]'])(
    'has no size of %s',
    (size) => {
      const text = JSON.stringify(image()).replace('"size":1', `"size":${size}`);
      expect(outcome(text)).toMatch(/`config.size` must be a whole number|not valid JSON/);
    },
  );

  it('has sizes up to 2^53-1', () => {
    const text = JSON.stringify(image()).replace('"size":1', '"size":9007199254740991');
    expect(outcome(text)).toBe('manifest');
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /not UTF-8/],
    ['UTF-16', Buffer.from('{}', 'utf16le'), /not valid JSON/],
    ['a NUL behind it', Buffer.from(`${JSON.stringify(image())}\0`), /not valid JSON/],
    ['two documents', Buffer.from('{}{}'), /not valid JSON/],
  ])('is refused: %s', (_name, bytes, message) => {
    expect(() => parseImageDocument(bytes, 'here')).toThrow(message);
  });
});

describe('3.2 rules 6 and 7: what is no image', () => {
  it.each([
    ['helm', 'application/vnd.cncf.helm.config.v1+json'],
    ['an empty config', 'application/vnd.oci.empty.v1+json'],
    ['wasm', 'application/vnd.wasm.config.v0+json'],
    ['a plugin', 'application/vnd.docker.plugin.v1+json'],
    ['a file of oras', 'application/vnd.unknown.config.v1+json'],
  ])('%s is refused by its config', (_name, type) => {
    const said = outcome(image({ config: part(type), artifactType: 'application/vnd.own' }));
    expect(said).toContain(`not a container image: config type \`${type}\``);
    expect(said).toContain('artifactType `application/vnd.own`');
  });

  it.each([
    ['cosign', 'application/vnd.dev.cosign.simplesigning.v1+json'],
    ['in-toto', 'application/vnd.in-toto+json'],
    ['helm', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'],
    ['wasm', 'application/wasm'],
    ['nothing', 'application/vnd.oci.empty.v1+json'],
    ['encrypted', `${OCI}layer.v1.tar+gzip+encrypted`],
    ['EROFS', 'application/vnd.erofs.layer.v1+zstd'],
  ])('3.5 %s is refused by its layer', (_name, type) => {
    const said = outcome(image({ layers: [part(type)] }));
    expect(said).toContain('`layers[0]`');
    expect(said).toContain(type);
  });

  it.each(['', '+gzip', '+zstd'])('3.5 layers that are tars: %s', (packing) => {
    const dotted = packing.replace('+', '.');
    const types = [
      `${OCI}layer.v1.tar${packing}`,
      `${OCI}layer.nondistributable.v1.tar${packing}`,
      `application/vnd.docker.image.rootfs.diff.tar${dotted}`,
      `application/vnd.docker.image.rootfs.foreign.diff.tar${dotted}`,
    ];
    expect(outcome(image({ layers: types.map((type) => part(type)) }))).toBe('manifest');
  });
});

describe('3.3 entries of an index', () => {
  const entry = (architecture: string, extra: object = {}, more: object = {}) =>
    part(MANIFEST, { platform: { os: 'linux', architecture, ...more }, ...extra });
  const chosen = (entries: readonly object[], wanted = 'linux/amd64') => {
    const document = parseImageDocument(Buffer.from(JSON.stringify(index(entries))), 'here');
    if (document.kind !== 'index') throw new Error('not an index');
    return bestEntry(document.entries, parsePlatform(wanted))?.descriptor.size;
  };

  it('ties: the first wins, however it is packed', () => {
    const zstd = { annotations: { 'io.github.containers.compression.zstd': 'true' } };
    expect(chosen([entry('amd64', { size: 1 }), entry('amd64', { size: 2, ...zstd })])).toBe(1);
  });

  it('os.version: nothing is asked, so the first wins', () => {
    const version = (name: string, size: number) =>
      part(MANIFEST, {
        size,
        platform: { os: 'windows', architecture: 'amd64', 'os.version': name },
      });
    const entries = [version('10.0.17763.1', 1), version('10.0.20348.1', 2)];
    expect(chosen(entries, 'windows/amd64')).toBe(1);
    expect(chosen([entry('amd64', { size: 3 }, { 'os.version': '6.1' })])).toBe(3);
  });

  it('os.features: an entry that needs any is passed over (containerd#12555)', () => {
    const needs = (list: unknown) => entry('amd64', { size: 1 }, { 'os.features': list });
    expect(chosen([needs(['erofs']), entry('amd64', { size: 2 })])).toBe(2);
    expect(chosen([needs(['erofs'])])).toBeUndefined();
    expect(chosen([needs([])])).toBe(1);
    expect(chosen([needs(null)])).toBe(1);
  });

  it.each([
    [
      'the annotation',
      entry('amd64', { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
    ],
    ['the platform', part(MANIFEST, { platform: { os: 'unknown', architecture: 'unknown' } })],
    [
      'moby/buildkit#5573: the artifact type',
      entry('amd64', { artifactType: 'application/vnd.in-toto+json' }),
    ],
  ])('attestations are known by %s', (_name, statement) => {
    expect(chosen([statement, entry('amd64', { size: 9 })])).toBe(9);
    expect(chosen([statement])).toBeUndefined();
  });

  it('Docker children in an OCI index, and the other way round (passbolt#234)', () => {
    const docker = { ...entry('amd64', { size: 4 }), mediaType: SCHEMA2 };
    expect(chosen([docker])).toBe(4);
  });
});
