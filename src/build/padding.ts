/** What holes cost: zeros where an image cannot leave them out, and maps that say where they are. */

import { type Limits, limitError } from '../limits.ts';

/** Zeros are lent from here. */
const ZEROS = new Uint8Array(1024 * 1024);

/** Counts over all files of an image: a hostile layer has many small ones. */
export class Padding {
  readonly #limits: Pick<Limits, 'sparsePadding'>;
  #place = '';
  #bytes = 0;

  constructor(limits: Pick<Limits, 'sparsePadding'>) {
    this.#limits = limits;
  }

  /** Names the file that comes now, for messages. */
  begin(place: string): void {
    this.#place = place;
  }

  /** `length` zeros in pieces. Throws `E_LIMIT` before the first of them. */
  *zeros(length: number): Generator<Uint8Array> {
    this.count(length);
    for (let left = length; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
  }

  /** Throws `E_LIMIT` where the image would be longer by more than files need. */
  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#limits.sparsePadding) return;
    throw limitError('sparsePadding', this.#limits, 'the space for holes', this.#place);
  }
}
