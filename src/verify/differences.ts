/** What is not in an image as its source says: counted, and the first of them told. */

import { fromLatin1, printable } from '../bytes.ts';

/** One difference, in words for people; undefined where one side has none. */
export interface Difference {
  /** In the image, from `/`; odd bytes are escaped. */
  readonly path: string;
  /**
   * `entry` for a name that is missing or should not be there, `content`, `entry type`, `.`, `..`, `damage`,
   * `image time`, or what `diff` calls it: `type`, `mode`, `uid`, `gid`, `time`, `size`, `links`, `link to`,
   * `target`, `device`, or `xattr` and a name.
   */
  readonly what: string;
  /** What the source says. */
  readonly expected: string | undefined;
  /** What the image says. */
  readonly found: string | undefined;
}

/** `/etc/motd: mode is 0600, not 0644`. */
export function differenceText({ path, what, expected, found }: Difference): string {
  if (what === 'entry' && found === undefined) return `${path}: missing, a ${expected}`;
  if (what === 'entry') return `${path}: unexpected, a ${found}`;
  if (what === 'damage') return `${path}: damage, ${found}`;
  if (found === undefined) return `${path}: missing ${what}, ${expected}`;
  if (expected === undefined) return `${path}: unexpected ${what}, ${found}`;
  return `${path}: ${what} is ${found}, not ${expected}`;
}

/** Values of attributes may have 64 KiB. */
const MAX_TEXT = 300;

export class Differences {
  /** All of them, told or not. */
  count = 0;
  /** The first ones, in the order in which the tree is walked. */
  readonly first: Difference[] = [];
  readonly #most: number;

  /** Keeps `most` of them. */
  constructor(most: number) {
    this.#most = most;
  }

  /** `path` is latin1 text. */
  add(path: string, what: string, expected: string | undefined, found: string | undefined): void {
    this.count++;
    if (this.first.length >= this.#most) return;
    const shown = printable(fromLatin1(path));
    this.first.push({ path: shown, what, expected: clipped(expected), found: clipped(found) });
  }
}

function clipped(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= MAX_TEXT) return text;
  return `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`;
}
