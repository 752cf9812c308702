/** Where a namespace of repositories is: a host, and a path that stands in front of theirs. */

import { DOCKER_HUB, isPathComponent } from '../../../oci/reference.ts';
import { hostProblem } from '../../../oci/registry-host.ts';

/** `host[:port][/path]`, without a slash at the end. */
export interface Location {
  readonly host: string;
  /** Empty, or the first part of a repository's path. */
  readonly path: string;
}

/** Far above any host and path (distribution/reference bounds a path at 255); longer text is refused unread. */
const LONGEST_LOCATION = 1024;

/** The spellings of Docker Hub that name its registry's namespace (distribution/reference, normalize.go). */
const DOCKER_HUB_ALIASES: ReadonlySet<string> = new Set([DOCKER_HUB, 'index.docker.io']);

/** Where official images of Docker Hub are, which people and configurations leave out. */
const OFFICIAL_PATH = 'library';

/** Takes `host[:port][/path]` apart. A string says what is wrong with it, to follow its name. */
export function parseLocation(text: string): Location | string {
  if (text.length > LONGEST_LOCATION) return 'is too long';
  const whole = withoutSlashes(text);
  const slash = whole.indexOf('/');
  const name = (slash < 0 ? whole : whole.slice(0, slash)).toLowerCase();
  const path = slash < 0 ? '' : whole.slice(slash + 1);
  const problem = hostProblem(name);
  if (problem !== undefined) return problem;
  if (path !== '' && !isRepositoryPath(path)) return 'has a malformed path';
  return { host: DOCKER_HUB_ALIASES.has(name) ? DOCKER_HUB : name, path };
}

/** The repository `path` below a location. */
export function repositoryBelow(location: Location, path: string): string {
  const whole = location.path === '' ? path : `${location.path}/${path}`;
  return location.host === DOCKER_HUB && !whole.includes('/') ? `${OFFICIAL_PATH}/${whole}` : whole;
}

/** Whether registries understand the path. */
export function isRepositoryPath(path: string): boolean {
  return path.split('/').every(isPathComponent);
}

function withoutSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
