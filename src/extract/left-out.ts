/** What could not be kept of an image: counted by kind, with the first case of each. */

/**
 * `owner`, `setuid` (dropped where the owner is another), `time` (rounded to a second), `xattr`, `mode`; or `char`,
 * `block`, `fifo`, `socket` for files that were not made, and names of them.
 */
export type LeftOutKind =
  | 'owner'
  | 'setuid'
  | 'time'
  | 'xattr'
  | 'mode'
  | 'char'
  | 'block'
  | 'fifo'
  | 'socket';

/** One kind of what was left out. */
export interface LeftOut {
  readonly kind: LeftOutKind;
  readonly count: number;
  /** The first path; bytes that are no UTF-8 stand as `\xNN`. */
  readonly first: string;
  /** What the system said of it, such as `EPERM`, where it was asked. */
  readonly reason?: string;
}

/** A case, before they are counted. */
export interface Loss {
  readonly kind: LeftOutKind;
  readonly path: string;
  readonly reason?: string;
  readonly count?: number;
}

export class Losses {
  readonly #kinds = new Map<LeftOutKind, LeftOut>();

  add({ kind, path, reason, count = 1 }: Loss): void {
    const known = this.#kinds.get(kind);
    const first = known ?? { kind, count: 0, first: path, ...(reason ? { reason } : {}) };
    this.#kinds.set(kind, { ...first, count: first.count + count });
  }

  /** In order of kinds. */
  list(): LeftOut[] {
    return [...this.#kinds.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }
}
