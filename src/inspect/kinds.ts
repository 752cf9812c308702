/** Kinds of files by the ends of their names. */

import { addShare, emptyTally, type Share, type Tally } from './tally.ts';

/** Names of all other files. */
export const NO_KIND = '(none)';
const OTHER = '(other)';
/** Different ends that are counted; a crafted image may have millions. */
const MAX_KINDS = 4096;

/** The end of a name, such as `so` or `png`; libraries with a version are `so` too. */
export function kindOf(name: string): string {
  if (/\.so(\.\d+)*$/.test(name)) return 'so';
  return /.\.([0-9A-Za-z]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? NO_KIND;
}

export class Kinds {
  readonly #tallies = new Map<string, Tally>();

  add(name: string, share: Share): void {
    const wanted = kindOf(name);
    const isFull = this.#tallies.size >= MAX_KINDS && !this.#tallies.has(wanted);
    const kind = isFull ? OTHER : wanted;
    const tally = this.#tallies.get(kind) ?? emptyTally();
    this.#tallies.set(kind, tally);
    addShare(tally, share);
  }

  /** Those that take most come first. */
  list(): readonly (Tally & { readonly kind: string })[] {
    const all = [...this.#tallies].map(([kind, tally]) => ({ kind, ...tally }));
    return all.sort((a, b) => b.stored - a.stored || (a.kind < b.kind ? -1 : 1));
  }
}
