/** Where a PAX header stands, for messages: under the path its records give. */

import type { Place } from './failure.ts';
import type { PaxBody } from './pax-body.ts';

/** The path is looked up only when it is asked for, which is when a message is made. */
export class PaxPlace implements Place {
  readonly #body: PaxBody;
  readonly #header: Place;

  constructor(body: PaxBody, header: Place) {
    this.#body = body;
    this.#header = header;
  }

  get offset(): number {
    return this.#header.offset;
  }

  get path(): Uint8Array {
    let path = this.#header.path;
    for (let at = 0; at < this.#body.length; ) {
      const record = this.#body.recordAt(at);
      if (record === undefined) break;
      if (record.key === 'path' && record.to > record.from) path = this.#body.bytesOf(record);
      at = record.end;
    }
    return path;
  }
}
