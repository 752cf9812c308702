/** The directories that a walk has come through, by number: none has two places. */

import { fromLatin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { imageError } from './read-bytes.ts';

/** A `Set` of V8 holds as many. */
const MOST = 2 ** 24;

export class SeenDirectories {
  readonly #nids = new Set<number>();
  readonly #most: number;

  /** Has room for `most` of them. */
  constructor(most = MOST) {
    this.#most = most;
  }

  /** Takes down a directory; `path` is latin1 text. Throws `E_IMAGE` where it is there, and `E_LIMIT`. */
  add({ path, inode: { nid } }: { path: string; inode: { nid: number } }): void {
    const place = () => printable(fromLatin1(path));
    if (this.#nids.has(nid)) throw imageError('a directory is in two places', place());
    if (this.#nids.size === this.#most) {
      throw new ErofsWasmError('E_LIMIT', `there are more than ${this.#most} directories`, {
        place: place(),
        hint: 'look at one part of the image after the other',
      });
    }
    this.#nids.add(nid);
  }
}
