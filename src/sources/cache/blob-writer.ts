/** A blob on its way into the cache: a private file that takes its name when its bytes proved right. */

import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Pieces are gathered up to this length: a write costs a thread switch. */
const GATHERED = 1024 * 1024;

/** Only the user may read what a private registry sent. */
const PRIVATE_FILE = 0o600;

export class BlobWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  #gathered: Uint8Array[] = [];
  #waiting = 0;
  #offset = 0;
  #isOpen = true;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Makes a file in `folder`, which must be on the file system of the cache. */
  static async create(folder: string): Promise<BlobWriter> {
    const path = join(folder, randomBytes(12).toString('hex'));
    return new BlobWriter(path, await open(path, 'wx', PRIVATE_FILE));
  }

  /** Takes the piece over: its bytes must not change any more. */
  async write(piece: Uint8Array): Promise<void> {
    this.#gathered.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting >= GATHERED) await this.#flush();
  }

  /** Writes what is left, and leaves the file to be kept or discarded. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#close();
  }

  /** Gives the file its name; atomic, so that no one ever sees a part of it. */
  async keep(place: string): Promise<void> {
    await rename(this.#path, place);
  }

  async discard(): Promise<void> {
    await this.#close();
    await rm(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    let pieces = this.#gathered.splice(0);
    this.#waiting = 0;
    while (pieces.length > 0) {
      const { bytesWritten } = await this.#handle.writev(pieces, this.#offset);
      this.#offset += bytesWritten;
      pieces = withoutBytes(pieces, bytesWritten);
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }
}

function withoutBytes(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  return pieces.flatMap((piece) => {
    const cut = Math.min(left, piece.length);
    left -= cut;
    return cut === piece.length ? [] : [piece.subarray(cut)];
  });
}
