/** What could not be kept of an image: counted by kind, with an example of each. */

import { fromLatin1, printable } from '../bytes.ts';

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
  /** One of the paths; bytes that are no UTF-8 stand as `\xNN`. */
  readonly example: string;
  /** What the system said of that one, such as `EPERM`, where it was asked. */
  readonly reason?: string;
}

/** A case, before they are counted. */
export interface Loss {
  readonly kind: LeftOutKind;
  /** One char code a byte. */
  readonly path: string;
  readonly reason?: string | null;
  readonly count?: number;
}

export class Losses {
  readonly #kinds = new Map<LeftOutKind, LeftOut>();

  add({ kind, path, reason, count = 1 }: Loss): void {
    const known = this.#kinds.get(kind) ?? {
      kind,
      count: 0,
      example: printable(fromLatin1(path)),
      ...(reason ? { reason } : {}),
    };
    this.#kinds.set(kind, { ...known, count: known.count + count });
  }

  /** In order of kinds. */
  list(): LeftOut[] {
    return [...this.#kinds.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }
}
