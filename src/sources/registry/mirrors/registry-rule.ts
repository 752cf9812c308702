/** One `[[registry]]` of registries.conf: which images it is about, and where they are instead. */

import { formatReference, type ImageReference } from '../../../oci/reference.ts';

/** For which references a mirror is asked. */
export type MirrorUse = 'all' | 'digest-only' | 'tag-only';

export interface MirrorRule {
  readonly location: string;
  readonly insecure: boolean;
  readonly use: MirrorUse;
}

export interface RegistryRule {
  /** `host[/path]`, or `*.domain` for every host below a domain. */
  readonly prefix: string;
  /** Takes the place of the prefix; empty only with a `*.` prefix, and then nothing changes. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly MirrorRule[];
  /** The file it comes from. */
  readonly origin: string;
}

/** The rule for a reference: the one whose prefix is the longest that matches. */
export function findRule(
  rules: readonly RegistryRule[],
  reference: ImageReference,
): RegistryRule | undefined {
  let best: RegistryRule | undefined;
  for (const rule of rules)
    if (matchLength(reference, rule.prefix) !== undefined)
      if (best === undefined || rule.prefix.length > best.prefix.length) best = rule;
  return best;
}

/** The name of the reference, without tag and digest, with the rule's prefix replaced. */
export function relocate(
  reference: ImageReference,
  { prefix }: RegistryRule,
  location: string,
): string {
  const whole = `${reference.host.toLowerCase()}/${reference.path}`;
  const length = matchLength(reference, prefix);
  if (length === undefined || location === '') return whole;
  // A prefix that goes as far as a tag or digest has a location that does too.
  return length <= whole.length ? location + whole.slice(length) : nameOf(location);
}

function nameOf(location: string): string {
  const slash = location.lastIndexOf('/') + 1;
  const end = location.slice(slash).search(/[:@]/);
  return end < 0 ? location : location.slice(0, slash + end);
}

/** How many characters of the reference the prefix covers. */
function matchLength(reference: ImageReference, prefix: string): number | undefined {
  const host = reference.host.toLowerCase();
  if (prefix.startsWith('*.')) return wildcardLength(host, prefix.slice(1));
  const whole = formatReference({ ...reference, host });
  const rest = whole.slice(prefix.length);
  if (!whole.startsWith(prefix)) return undefined;
  if (rest === '' || rest.startsWith('/')) return prefix.length;
  // A tag or digest may follow; a port may not: another port is another registry.
  const inPath = prefix.length > host.length;
  return inPath && /^[:@]/.test(rest) ? prefix.length : undefined;
}

/** sysregistriesv2 `refMatchingSubdomainPrefix`: any number of labels before the domain, any port behind it. */
function wildcardLength(host: string, domain: string): number | undefined {
  const colon = host.indexOf(':');
  const name = colon < 0 ? host : host.slice(0, colon);
  return name.length > domain.length && name.endsWith(domain) ? name.length : undefined;
}
