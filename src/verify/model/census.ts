/** How much the layers of an image bring, and where that is more than images have. */

import { fromLatin1, printable } from '../../bytes.ts';
import { ErofsWasmError } from '../../errors.ts';
import { type Limits, limitError, NAME_OVERHEAD } from '../../limits.ts';

export interface ModelLimits extends Pick<Limits, 'entries' | 'pathDepth' | 'pathTotal'> {
  /** Bytes of the heap that the model may take, as far as they can be told. */
  readonly heap: number;
}

/** What a name takes in the heap besides its text: a file, and its place in the folder. Measured, and a fifth more. */
const BYTES_OF_NAME = 320;

/**
 * Names in link targets that may be followed. Forty links above each of very many entries would take hours; a path is
 * followed anew for each entry, so that images without harm come to some millions.
 */
const MAX_TARGET_NAMES = 2 ** 26;

export class Census {
  readonly #limits: ModelLimits;
  #entries = 0;
  #names = 0;
  #bytes = 0;
  #targetNames = 0;

  constructor(limits: ModelLimits) {
    this.#limits = limits;
  }

  /** Counts an entry; `kept` is text of it that stays in memory beside its name. Throws `E_LIMIT`. */
  entry(path: string, kept: string): void {
    this.#entries++;
    if (kept.length > 0) this.#bytes += kept.length + NAME_OVERHEAD;
    this.#check(path);
  }

  /** Counts a new name that lies `depth` deep. */
  name(name: string, depth: number, path: string): void {
    this.#names++;
    this.#bytes += name.length;
    if (depth > this.#limits.pathDepth) {
      throw limitError('pathDepth', this.#limits, 'the depth of a path', placeOf(path));
    }
    this.#check(path);
  }

  /** Counts a name of the text of a symbolic link that is followed. */
  followed(path: string): void {
    if (++this.#targetNames <= MAX_TARGET_NAMES) return;
    throw new ErofsWasmError('E_LIMIT', 'symbolic links lead through too many names', {
      place: placeOf(path),
      hint: `all entries together may lead through ${MAX_TARGET_NAMES}; the image is hostile`,
    });
  }

  #check(path: string): void {
    const { entries, pathTotal, heap } = this.#limits;
    if (this.#names * BYTES_OF_NAME + this.#bytes > heap) throw noMemory(path);
    if (this.#entries > entries || this.#names > entries) {
      const what = 'the number of entries and names';
      throw limitError('entries', this.#limits, what, placeOf(path));
    }
    if (this.#bytes > pathTotal) {
      const what = 'the length of all names and links';
      throw limitError('pathTotal', this.#limits, what, placeOf(path));
    }
  }
}

function noMemory(path: string): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', 'the layers have more names than there is memory for', {
    place: placeOf(path),
    hint: 'give Node.js more: NODE_OPTIONS=--max-old-space-size=MEBIBYTES',
  });
}

function placeOf(path: string): string {
  return printable(fromLatin1(path));
}
