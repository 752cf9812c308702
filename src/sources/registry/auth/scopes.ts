/** What a token is for: `type:name:actions` (distribution, docs/spec/auth/scope.md). */

/** The scopes of a challenge, which separates them by blanks. */
export function splitScopes(text: string): readonly string[] {
  return text.split(/[ \t]+/).filter((part) => part !== '');
}

/**
 * All that the scopes allow, each resource once, sorted. A scope without actions asks for nothing and is left out; one
 * that has no such form is kept as it is.
 */
export function mergeScopes(...lists: readonly (readonly string[])[]): readonly string[] {
  const odd = new Set<string>();
  const resources = new Map<string, Set<string>>();
  for (const scope of lists.flat()) {
    // A name may have a colon, for a host with a port; actions never do.
    const last = scope.lastIndexOf(':');
    if (last <= scope.indexOf(':')) odd.add(scope);
    else addActions(resources, scope.slice(0, last), scope.slice(last + 1));
  }
  const merged = [...resources]
    .filter(([, actions]) => actions.size > 0)
    .map(([resource, actions]) => `${resource}:${[...actions].sort().join(',')}`);
  return [...odd, ...merged].sort();
}

function addActions(resources: Map<string, Set<string>>, resource: string, text: string): void {
  const had = resources.get(resource) ?? new Set<string>();
  const actions = text.split(',').filter((action) => action !== '');
  const all = new Set([...had, ...actions]);
  // The asterisk stands for all of them.
  resources.set(resource, all.has('*') ? new Set(['*']) : all);
}
