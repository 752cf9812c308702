/**
 * Image references as Docker spells and normalises them (distribution/reference: regexp.go, normalize.go),
 * by a linear scan. An error never repeats what could be a user name, a password or a query.
 */

import { ErofsWasmError } from '../errors.ts';
import { digestProblem } from './digest.ts';
import { plainText } from './quote.ts';
import { hostProblem } from './registry-host.ts';

/** The default registry; its name in references is not the host one connects to. */
export const DOCKER_HUB = 'docker.io';

/** Older spelling of {@link DOCKER_HUB}, replaced while normalising. */
const DOCKER_HUB_LEGACY = 'index.docker.io';

/** Where the default registry keeps its official images; the prefix is left out by people. */
const OFFICIAL_PREFIX = 'library/';

/** Far above host + path + tag + digest; longer input is refused before it is scanned. */
const LONGEST_REFERENCE = 4096;

/** distribution/reference `NameTotalLengthMax`, applied to the path alone as upstream does. */
const LONGEST_PATH = 255;

/** distribution/reference `TagRegexp`: one character and up to 127 more. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

const LOGIN_HINT =
  'give a login with --username and --password-stdin, or store it with `docker login`';

/** A normalised reference; with neither tag nor digest in the text, `tag` is `latest`. */
export interface ImageReference {
  /** `name[:port]` as spelled; {@link DOCKER_HUB} when none was given. */
  readonly host: string;
  readonly path: string;
  readonly tag?: string;
  /** Wins over the tag, which is then kept for people only. */
  readonly digest?: string;
}

/** Parses and normalises a reference. Throws `E_REFERENCE`. */
export function parseReference(text: string): ImageReference {
  checkWhole(text);
  const { host, rest } = splitHostPart(text);
  const trouble = hostProblem(host);
  if (trouble !== undefined)
    throw invalid(text, `the host ${trouble}`, host.includes('@') ? LOGIN_HINT : undefined);
  const at = rest.indexOf('@');
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  const { path, tag } = splitTag(at < 0 ? rest : rest.slice(0, at));
  checkPath(text, path);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, 'the tag is malformed');
  if (digest !== undefined) checkDigest(text, digest);
  const official = host === DOCKER_HUB && !path.includes('/') ? OFFICIAL_PREFIX : '';
  return {
    host,
    path: checkLength(text, official + path),
    ...(tag === undefined && digest === undefined ? { tag: 'latest' } : {}),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The full spelling, which parses to the same reference. */
export function formatReference(reference: ImageReference): string {
  return `${reference.host}/${reference.path}${suffix(reference)}`;
}

function suffix({ tag, digest }: ImageReference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

function checkWhole(text: string): void {
  if (text === '') throw new ErofsWasmError('E_REFERENCE', 'the image reference is empty');
  if (text.length > LONGEST_REFERENCE)
    throw new ErofsWasmError(
      'E_REFERENCE',
      `the image reference is longer than ${LONGEST_REFERENCE} characters`,
    );
  if (text.includes('://'))
    throw invalid(text, 'a reference has no scheme', 'remove the scheme, as in `host/name:tag`');
  if (/^[a-f0-9]{64}$/.test(text))
    throw invalid(text, 'it looks like an image ID', 'give a name, or `name@sha256:…`');
}

/** normalize.go `splitDockerDomain`: the first part is a host if it cannot be a Docker Hub user. */
function splitHostPart(text: string): { host: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (first === '' || first === 'localhost' || /[.:@A-Z[]/.test(first));
  if (!isHost) return { host: DOCKER_HUB, rest: text };
  const host = first === DOCKER_HUB_LEGACY ? DOCKER_HUB : first;
  return { host, rest: text.slice(slash + 1) };
}

function splitTag(name: string): { path: string; tag: string | undefined } {
  const colon = name.indexOf(':');
  if (colon < 0) return { path: name, tag: undefined };
  return { path: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function checkPath(text: string, path: string): void {
  if (/[A-Z]/.test(path)) throw invalid(text, 'the repository name must be lower case');
  if (!path.split('/').every(isPathComponent))
    throw invalid(text, 'the repository name is malformed');
}

/** `LOWDIG+ *( ("." | "_" | "__" | 1*"-") LOWDIG+ )`, by cutting at the words so that it stays linear. */
export function isPathComponent(component: string): boolean {
  if (!/^[a-z0-9]/.test(component) || !/[a-z0-9]$/.test(component)) return false;
  return component.split(/[a-z0-9]+/).every((gap) => /^(?:|[._]|__|-+)$/.test(gap));
}

function checkLength(text: string, path: string): string {
  if (path.length > LONGEST_PATH)
    throw invalid(text, `the repository name is longer than ${LONGEST_PATH} characters`);
  return path;
}

function checkDigest(text: string, digest: string): void {
  const problem = digestProblem(digest);
  if (problem !== undefined) throw invalid(text, `the digest ${problem.text}`);
}

function invalid(text: string, why: string, hint?: string): ErofsWasmError {
  return new ErofsWasmError('E_REFERENCE', `invalid image reference: ${why}`, {
    place: withoutSecrets(text),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What stands before an `@` that no digest follows may be a password; what follows `?` may be a token. */
function withoutSecrets(text: string): string {
  const query = text.search(/[?#]/);
  const base = query < 0 ? text : `${text.slice(0, query)}…`;
  const at = base.lastIndexOf('@');
  const harmless =
    at < 0 || (at === base.indexOf('@') && /^(?:sha\d+|md5):/.test(base.slice(at + 1)));
  return plainText(harmless ? base : `…${base.slice(at)}`);
}
