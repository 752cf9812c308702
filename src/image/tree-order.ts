/** The order in which trees are walked: each directory before what is in it, names in byte order. */

/** Negative where `a` comes before `b`; both are absolute paths as latin1 text. */
export function compareTreePaths(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] === b[i]) continue;
    // A slash ends a name, and a name comes before all that begin with it.
    if (a[i] === '/') return -1;
    if (b[i] === '/') return 1;
    return a.charCodeAt(i) - b.charCodeAt(i);
  }
  return a.length - b.length;
}
