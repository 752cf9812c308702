/** Zstandard by fzstd, where Node has no decoder of its own. */

import { Decompress } from 'fzstd';

/** Takes pieces that end at most one block each, so that a push unpacks to little more than 128 KiB. */
export class ScriptZstd {
  #stream: Decompress | undefined;
  #blocks: Uint8Array[] = [];

  /** Unpacks `bytes`, which may be reused afterwards. Throws the errors of fzstd. */
  push(bytes: Uint8Array, endsFrame: boolean): Uint8Array[] {
    this.#blocks = [];
    this.#stream ??= new Decompress((block) => {
      if (block.length > 0) this.#blocks.push(block);
    });
    // A copy, since it keeps views of what it cannot use yet; `slice` of a Buffer is none.
    this.#stream.push(new Uint8Array(bytes), endsFrame);
    if (endsFrame) this.#stream = undefined;
    return this.#blocks;
  }
}
