/** The places where an image may be: its mirrors in order, and last the registry itself. */

import { ErofsWasmError } from '../../../errors.ts';
import type { ImageReference } from '../../../oci/reference.ts';
import type { RegistryOptions } from '../../options.ts';
import { isRepositoryPath, type Location, parseLocation, repositoryBelow } from './location.ts';
import { type MirrorOption, parseMirrorOptions } from './mirror-option.ts';
import { findRule, type MirrorRule, type RegistryRule, relocate } from './registry-rule.ts';

export interface Place {
  /** `name[:port]` as in a reference. */
  readonly host: string;
  /** The repository there. */
  readonly path: string;
  readonly isMirror: boolean;
  /** Not asked what a tag means: only for content whose digest is known. */
  readonly digestOnly: boolean;
  /** As the configuration has it; the options add to it for the host of the reference only. */
  readonly insecure: boolean;
  readonly scheme: 'http' | 'https' | undefined;
  /** Whether it is the very registry the reference names, for which logins and exceptions are given. */
  readonly isNamed: boolean;
}

/** Seconds that a mirror may ask to wait: the next place is likely to answer sooner. */
const LONGEST_WAIT = 5;

/** Mirrors of the options, mirrors of the configuration, then the primary. Throws `E_USAGE`, `E_POLICY`. */
export function findPlaces(
  reference: ImageReference,
  texts: readonly string[],
  rules: readonly RegistryRule[],
): readonly Place[] {
  const options = parseMirrorOptions(texts);
  const rule = findRule(rules, reference);
  if (rule?.blocked === true)
    throw new ErofsWasmError('E_POLICY', 'pulling from this registry is blocked', {
      place: `${reference.host}/${reference.path}`,
      hint: `by \`${rule.prefix}\` in ${rule.origin}`,
    });
  const host = reference.host.toLowerCase();
  const fromOptions = options
    .filter((option) => option.host === host)
    .map((option) => optionPlace(reference, option));
  return [...fromOptions, ...configuredMirrors(reference, rule), primary(reference, rule)];
}

/** What the options mean for a place: logins and exceptions are for the registry they were given for. */
export function optionsFor<T extends RegistryOptions>(place: Place, options: T): T {
  if (place.isNamed) return place.insecure ? { ...options, insecure: true } : options;
  const { username, password, registryToken, certFile, keyFile, insecure, plainHttp, ...rest } =
    options;
  const own = {
    ...(place.isMirror
      ? { maxRetryWait: Math.min(rest.maxRetryWait ?? LONGEST_WAIT, LONGEST_WAIT) }
      : {}),
    ...(place.insecure ? { insecure: true } : {}),
    ...(place.scheme === 'http' ? { plainHttp: true } : {}),
  };
  // What is left out is optional in every kind of options.
  return { ...rest, ...own } as T;
}

function optionPlace({ path }: ImageReference, { mirror, scheme }: MirrorOption): Place {
  return {
    host: mirror.host,
    path: repositoryBelow(mirror, path),
    isMirror: true,
    digestOnly: false,
    insecure: false,
    scheme,
    isNamed: false,
  };
}

function configuredMirrors(
  reference: ImageReference,
  rule: RegistryRule | undefined,
): readonly Place[] {
  if (rule === undefined) return [];
  const isDigest = reference.digest !== undefined;
  return rule.mirrors
    .filter(({ use }) => use !== 'tag-only' || !isDigest)
    .map((mirror) => rulePlace(reference, rule, mirror));
}

function rulePlace(reference: ImageReference, rule: RegistryRule, mirror: MirrorRule): Place {
  return {
    ...locate(reference, rule, mirror.location),
    isMirror: true,
    digestOnly: mirror.use === 'digest-only',
    insecure: mirror.insecure,
    scheme: undefined,
    isNamed: false,
  };
}

function primary(reference: ImageReference, rule: RegistryRule | undefined): Place {
  const { host, path } = rule === undefined ? reference : locate(reference, rule, rule.location);
  return {
    host,
    path,
    isMirror: false,
    digestOnly: false,
    insecure: rule?.insecure ?? false,
    scheme: undefined,
    isNamed: host === reference.host.toLowerCase() || host === reference.host,
  };
}

function locate(reference: ImageReference, rule: RegistryRule, to: string): Location {
  const whole = relocate(reference, rule, to);
  const location = parseLocation(whole);
  if (typeof location !== 'string' && isRepositoryPath(location.path))
    return {
      host: location.host,
      path: repositoryBelow({ host: location.host, path: '' }, location.path),
    };
  throw new ErofsWasmError('E_POLICY', 'a configured location is not the name of a repository', {
    place: `${rule.origin}: \`${rule.prefix}\``,
  });
}
