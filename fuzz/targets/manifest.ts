/** Damaged JSON documents: manifests, indexes, configs and stored logins. */

import { ErofsWasmError } from '../../src/errors.ts';
import { parseImageConfig } from '../../src/oci/config.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestProblem, isSupportedDigest, parseDigest } from '../../src/oci/digest.ts';
import { bestEntry, listPlatforms } from '../../src/oci/index-entry.ts';
import { parseImageDocument } from '../../src/oci/manifest.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../src/oci/platform.ts';
import { isNobody } from '../../src/sources/registry/credentials/credentials.ts';
import { DockerConfig } from '../../src/sources/registry/credentials/docker-config.ts';
import { DOCUMENTS } from '../lib/documents.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import { changeJson, writeJson } from '../lib/mutate-json.ts';
import { repeatedKeys } from '../lib/naive-json.ts';
import { invariant, type Target } from '../lib/target.ts';

const HOSTS = ['registry.example', 'docker.io', 'other', 'helped.example'];
const DIGEST = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
/** Two readers that take another one of these would see two images (CVE-2021-41190 and kin). */
const UNIQUE = new Set([
  'digest',
  'size',
  'mediaType',
  'layers',
  'manifests',
  'config',
  'rootfs',
  'diff_ids',
  'platform',
  'schemaVersion',
]);
const WANTED: Platform = { os: 'linux', architecture: 'arm64' };
const SECRET = /hunter2|aHVudGVyMg|odW50ZXIy/;

/** The first byte of an input says who reads the rest. */
export function open(): Target<Uint8Array> {
  const mutator = new Mutator(
    DOCUMENTS.map(([, document]) => Buffer.from(JSON.stringify(document))),
  );
  return {
    form: BYTES,
    make(random) {
      const [letter, document] = random.pick(DOCUMENTS);
      let value = document;
      for (let i = random.below(4); i > 0; i--) value = changeJson(value, random);
      mutator.load(Buffer.from(letter + writeJson(value, random)));
      if (random.chance(0.2)) mutator.change(random, 1 + random.below(mutator.length - 1));
      return mutator.result();
    },
    check(input) {
      const body = input.subarray(1);
      switch (String.fromCharCode(input[0] ?? 0)) {
        case 'd':
          return expecting('E_MANIFEST', body, () => checkDocument(body));
        case 'c':
          return expecting('E_CONFIG', body, () => checkConfig(body));
        default:
          return expecting('E_CREDENTIALS', body, () => checkLogins(body));
      }
    },
  };
}

function expecting(code: string, body: Uint8Array, work: () => string): string {
  try {
    const word = work();
    const repeated = [...repeatedKeys(Buffer.from(body).toString())].filter((key) =>
      UNIQUE.has(key),
    );
    invariant(repeated.length === 0, () => `read with two of a key: ${repeated}`);
    return word;
  } catch (error) {
    if (error instanceof ErofsWasmError) {
      invariant(error.code === code, () => `${error.code} in place of ${code}: ${error.message}`);
      invariant(!SECRET.test(error.message), () => `a secret in a message: ${error.message}`);
    }
    throw error;
  }
}

function checkDocument(body: Uint8Array): string {
  const document = parseImageDocument(body, 'the document');
  if (document.kind === 'manifest') {
    [document.config, ...document.layers].forEach(checkDescriptor);
    return 'manifest';
  }
  for (const { descriptor, platform } of document.entries) {
    checkDescriptor(descriptor);
    if (platform !== undefined) formatPlatform(platform);
  }
  const best = bestEntry(document.entries, WANTED);
  invariant(best === undefined || best.platform?.architecture === 'arm64', 'another platform');
  listPlatforms(document.entries);
  return 'index';
}

/** Digests become parts of URLs and paths, sizes become numbers of bytes to read. */
function checkDescriptor({ digest, size, annotations }: Descriptor): void {
  invariant(/^[a-z0-9+._-]+:[A-Za-z0-9=_-]+$/.test(digest), () => `digest ${digest}`);
  const problem = digestProblem(digest);
  invariant(
    problem === undefined ? DIGEST.test(digest) : problem.kind === 'algorithm',
    `digest ${digest}`,
  );
  if (isSupportedDigest(digest)) parseDigest(digest, 'here');
  invariant(Number.isSafeInteger(size) && size >= 0, () => `size ${size}`);
  invariant(
    [...annotations.values()].every((value) => typeof value === 'string'),
    'annotations',
  );
}

function checkConfig(body: Uint8Array): string {
  const { created, platform, diffIds } = parseImageConfig(body, 'the config');
  invariant(
    diffIds.every((id) => DIGEST.test(id)),
    () => `diff_ids ${diffIds}`,
  );
  invariant(
    created === undefined || !Number.isNaN(Date.parse(created)),
    () => `created ${created}`,
  );
  if (platform !== undefined) checkPlatform(platform);
  return 'config';
}

/** What can be spelled is read as what it was; a part with a slash in it cannot be spelled. */
function checkPlatform(platform: Platform): void {
  const parts = [platform.os, platform.architecture, platform.variant ?? 'none'];
  if (!parts.every((part) => /^[A-Za-z0-9_.-]{1,64}$/.test(part))) return;
  const text = formatPlatform(platform);
  const again = formatPlatform(parsePlatform(text));
  invariant(again === text, () => `platform ${text} is read as ${again}`);
}

function checkLogins(body: Uint8Array): string {
  const config = new DockerConfig(body, 'config.json');
  config.headers();
  const found = HOSTS.map((host) => {
    const identity = config.loginFor({ host, path: 'a/b' });
    return config.helperFor(host) !== undefined || (identity !== undefined && !isNobody(identity));
  });
  return found[0] ? 'login' : 'none';
}
