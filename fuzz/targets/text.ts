/** Short texts that people and servers write: references, digests, platforms, challenges, options. */

import { type OciOption, parseOciOption } from '../../src/cli/oci-option.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { formatPlatform, parsePlatform } from '../../src/oci/platform.ts';
import { formatReference, parseReference } from '../../src/oci/reference.ts';
import { parseChallenges } from '../../src/sources/registry/auth/challenge.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import type { Random } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';

const HEX = '0123456789abcdef'.repeat(4);
/** The letter before each says who reads it. */
const TEXTS: readonly string[] = [
  'rnginx',
  'rnginx:1.27',
  'rlibrary/nginx@sha256:',
  `ra/b:c@sha256:${HEX}`,
  'rlocalhost:5000/x/y:z',
  'r[::1]:5000/a',
  'rregistry.example/a/b__c-d.e',
  'rindex.docker.io/x',
  'rhttps://u:hunter2@host/x',
  'rus:hunter2@registry.example/x:y',
  'r127.0.0.1:443/x',
  'rEXAMPLE.com/x',
  'rx'.repeat(100),
  'ra?token=hunter2',
  'rhost/x@md5:00',
  'rxn--bcher-kva.example/a',
  `gsha256:${HEX}`,
  `gsha512:${HEX}${HEX}`,
  'gsha384:',
  'gblake+b:x=',
  'gSHA256:00',
  'plinux/amd64',
  'plinux/arm/v7',
  'parm64',
  'plinux/arm64/v8.0',
  'pmacos/x86-64',
  'pwindows/386',
  'plinux/amd64/v3',
  'wBearer realm="https://auth.example/token",service="r",scope="repository:a:pull"',
  'wBasic realm=x, Bearer realm="y\\"z"',
  'wNegotiate abc==, Basic',
  'wBearer realm="open',
  'w,,,=,a=b',
  `w${'Basic '.repeat(50)}`,
  'onginx,platform=linux/arm64,layer=0',
  'onginx,username=u,password=hunter2,anonymous',
  'oa,blob=sha256:00,insecure',
  'o,',
];
const ALPHABET = 'abz09.:/@-_=,"\\ \t[]?#%+~AZ\u00e9\0\x1b';

export function open(): Target<Uint8Array> {
  const mutator = new Mutator(TEXTS.map((text) => Buffer.from(text, 'latin1')));
  return {
    form: BYTES,
    make(random) {
      mutator.begin(random);
      for (let i = random.small(5); i > 0; i--) changeText(mutator, random);
      return mutator.result();
    },
    check: (input) => checkText(Buffer.from(input).toString('latin1')),
  };
}

function changeText(mutator: Mutator, random: Random): void {
  const at = 1 + random.below(Math.max(1, mutator.length - 1));
  const letter = ALPHABET.charCodeAt(random.below(ALPHABET.length));
  const kind = random.below(6);
  if (kind < 2 && at < mutator.length) mutator.bytes[at] = letter;
  else if (kind < 4) mutator.put(Math.min(at, mutator.length), Uint8Array.of(letter));
  else if (kind < 5 && at < mutator.length) mutator.remove(at, 1);
  else mutator.change(random);
}

function checkText(text: string): string {
  const rest = text.slice(1);
  switch (text[0]) {
    case 'r':
      return expecting('E_REFERENCE', () => checkReference(rest));
    case 'g':
      return expecting('E_DIGEST', () => checkDigest(rest));
    case 'p':
      return expecting('E_USAGE', () => checkPlatform(rest));
    case 'w':
      return checkChallenges(rest);
    default:
      return checkOption(rest);
  }
}

function expecting(code: string, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof ErofsWasmError) {
      invariant(error.code === code, () => `${error.code} in place of ${code}: ${error.message}`);
    }
    throw error;
  }
}

function checkReference(text: string): string {
  const reference = parseReference(text);
  const { host, path, tag, digest } = reference;
  const full = formatReference(reference);
  invariant(
    JSON.stringify(parseReference(full)) === JSON.stringify(reference),
    () => `${full} is read as another`,
  );
  // The parts go into a URL as they are.
  const url = new URL(`https://${host}/v2/${path}/manifests/${digest ?? tag}`);
  invariant(url.pathname === `/v2/${path}/manifests/${digest ?? tag}`, () => `the path of ${url}`);
  invariant(
    url.host === host.toLowerCase().replace(/:443$/, '') || host.startsWith('['),
    () => `the host of ${url}`,
  );
  invariant(url.username === '' && url.search === '' && url.hash === '', () => `parts of ${url}`);
  return 'reference';
}

function checkDigest(text: string): string {
  const { algorithm, hex } = parseDigest(text, 'here');
  invariant(`${algorithm}:${hex}` === text && /^[0-9a-f]+$/.test(hex), 'a digest');
  invariant(hex.length === (algorithm === 'sha256' ? 64 : 128), 'the length of a digest');
  return 'digest';
}

function checkPlatform(text: string): string {
  const platform = parsePlatform(text);
  const full = formatPlatform(platform);
  invariant(formatPlatform(parsePlatform(full)) === full, () => `${full} is read as another`);
  return 'platform';
}

function checkChallenges(text: string): string {
  const challenges = parseChallenges([text]);
  for (const { scheme, parameters } of challenges ?? []) {
    invariant(scheme === scheme.toLowerCase() && scheme !== '', 'a scheme');
    invariant(
      [...parameters.keys()].every((name) => name === name.toLowerCase()),
      'a parameter',
    );
  }
  return 'challenges';
}

/** What a user wrote is repeated as it is: the command makes it fit for a terminal. */
function checkOption(text: string): string {
  let option: OciOption;
  try {
    option = parseOciOption(text);
  } catch (error) {
    if (error instanceof ErofsWasmError && error.code === 'E_USAGE') return error.code;
    throw error;
  }
  invariant(option.source !== '' && text.startsWith(option.source), 'an option');
  invariant(option.layer === undefined || Number.isSafeInteger(option.layer), 'a layer');
  return 'option';
}
