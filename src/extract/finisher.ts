/** Gives what has been made its owner, mode, time and attributes: by itself, or with the helper where Node.js cannot. */

import { findPython, Helper } from './helper.ts';
import type { Loss } from './left-out.ts';
import { isWithinNode, type Metadata, setMetadata } from './metadata.ts';

export class Finisher {
  readonly #folder: string;
  readonly #lose: (loss: Loss) => void;
  readonly #python = findPython();
  #helper: Helper | undefined;

  /** Paths are below `folder`. */
  constructor(folder: string, lose: (loss: Loss) => void) {
    this.#folder = folder;
    this.#lose = lose;
  }

  /** Of a file that is there. */
  async set(metadata: Metadata): Promise<void> {
    if (this.#python === undefined || isWithinNode(metadata)) this.#setHere(metadata);
    else await this.#help(this.#python).set(metadata);
  }

  /** Of the next folder, from the innermost up. One process goes on once it has begun: a folder may shut its owner out. */
  async setFolder(metadata: Metadata): Promise<void> {
    if (this.#helper === undefined) await this.set(metadata);
    else await this.#helper.set(metadata);
  }

  /** Makes a device, a pipe or a socket, or another name of one, at `linkTo`. */
  async makeSpecial(metadata: Metadata, linkTo: string | undefined): Promise<void> {
    const { path, type } = metadata;
    if (this.#python === undefined) this.#lose({ kind: type as Loss['kind'], path });
    else if (linkTo === undefined) await this.#help(this.#python).set(metadata);
    else await this.#help(this.#python).link(path, linkTo, type);
  }

  /** Waits until all of it is done. Throws `E_OUTPUT`. */
  async end(): Promise<void> {
    for (const loss of (await this.#helper?.finish()) ?? []) this.#lose(loss);
  }

  /** In place of {@link end}, where it need not be done. */
  async stop(): Promise<void> {
    await this.#helper?.stop();
  }

  #setHere(metadata: Metadata): void {
    for (const loss of setMetadata(this.#folder, metadata)) this.#lose(loss);
  }

  #help(python: string): Helper {
    this.#helper ??= new Helper(python, this.#folder);
    return this.#helper;
  }
}
