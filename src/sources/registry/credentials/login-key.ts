/** Under which keys a host's login may be stored: Docker's spellings, old and new, and podman's namespaces. */

import { DOCKER_HUB } from '../../../oci/reference.ts';
import type { LoginPlace } from './credentials.ts';

/** The registry host behind {@link DOCKER_HUB}: part of its protocol, as its name in references is. */
export const DOCKER_HUB_REGISTRY = 'registry-1.docker.io';

/** Docker's key for its own registry (docker/cli, cli/command/registry.go). */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

const DOCKER_HUB_NAMES = [DOCKER_HUB, 'index.docker.io', DOCKER_HUB_REGISTRY];

/** What a credential helper is asked for. */
export function serverOf(host: string): string {
  return isHub(host) ? DOCKER_HUB_KEY : host.toLowerCase();
}

/**
 * The key for a host: an exact one, else one of the older kind with a scheme or a path.
 * `cutsPaths` for a document in Docker's first format, where no key is a namespace.
 */
export function hostKey(
  keys: readonly string[],
  host: string,
  cutsPaths = false,
): string | undefined {
  const names = isHub(host) ? [DOCKER_HUB_KEY, ...DOCKER_HUB_NAMES] : [host.toLowerCase()];
  const exact = firstNamed(keys, names);
  return exact ?? keys.find((key) => names.includes(bareHost(key, cutsPaths) ?? ''));
}

/** The key for a repository: its own, one of the namespaces around it, or its host's (podman's order). */
export function repositoryKey(
  keys: readonly string[],
  { host, path }: LoginPlace,
  cutsPaths: boolean,
): string | undefined {
  const hosts = isHub(host) ? DOCKER_HUB_NAMES : [host.toLowerCase()];
  const namespaces = path.split('/').map((_part, index, parts) => parts.slice(0, index + 1));
  const names = namespaces
    .reverse()
    .flatMap((parts) => hosts.map((name) => `${name}/${parts.join('/')}`));
  const namespace = path === '' ? undefined : firstNamed(keys, names);
  return namespace ?? hostKey(keys, host, cutsPaths);
}

function isHub(host: string): boolean {
  return DOCKER_HUB_NAMES.includes(host.toLowerCase());
}

function firstNamed(keys: readonly string[], names: readonly string[]): string | undefined {
  const spelled = new Map(keys.map((key) => [withLowerHost(key), key]));
  const name = names.find((candidate) => spelled.has(candidate));
  return name === undefined ? undefined : spelled.get(name);
}

/** Host names do not tell cases apart; paths do. */
function withLowerHost(key: string): string {
  const [scheme = ''] = /^https?:\/\//i.exec(key) ?? [];
  const slash = key.indexOf('/', scheme.length);
  const end = slash < 0 ? key.length : slash;
  return key.slice(0, end).toLowerCase() + key.slice(end);
}

/** The host of a key of the older kind; `undefined` for a namespace, which is not for all of its host. */
function bareHost(key: string, cutsPaths: boolean): string | undefined {
  const rest = key.replace(/^https?:\/\//i, '');
  const slash = rest.indexOf('/');
  const host = (slash < 0 ? rest : rest.slice(0, slash)).toLowerCase();
  const path = slash < 0 ? '' : rest.slice(slash);
  const isOld = cutsPaths || rest !== key || /^(?:\/(?:v[12]\/)?)?$/.test(path);
  return isOld ? host : undefined;
}
