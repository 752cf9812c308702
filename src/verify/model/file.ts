/** A file of the model: two names of one object are hard links. */

import type { EntryType } from '../../tar/entry.ts';

/** What {@link ModelFile.id} is of a directory that no entry states. */
export const UNSTATED = -1;
/** What it is of a deleted name that an image of one layer keeps. */
export const WHITEOUT = -2;

/** Path of a file from the root, by names as latin1 text. */
export type Names = readonly string[];

export class ModelFile {
  type: EntryType;
  /** Number of the entry whose attributes and content show, {@link UNSTATED} or {@link WHITEOUT}. */
  id: number;
  /** Number of the layer that this is of. */
  layer: number;
  /** Text of a symbolic link. */
  readonly target: string | undefined;
  /** Of a hard link: what it turned out to be. */
  meant: ModelFile | undefined;
  /** Whether it hides what lower layers have in it, where an image of one layer has to say so. */
  isOpaque = false;
  /** Names that lead here, once they have been counted. */
  names = 0;
  #children: Map<string, ModelFile> | undefined;

  constructor(type: EntryType, id: number, layer: number, target?: string) {
    this.type = type;
    this.id = id;
    this.layer = layer;
    this.target = target;
  }

  /** What is in a directory; of other files nothing. */
  get children(): ReadonlyMap<string, ModelFile> {
    return this.#children ?? NOTHING;
  }

  get isDirectory(): boolean {
    return this.type === 'directory';
  }

  /** What is meant by a name in it. */
  child(name: string): ModelFile | undefined {
    const file = this.#children?.get(name);
    return file && real(file);
  }

  put(name: string, file: ModelFile): void {
    this.#children ??= new Map();
    this.#children.set(name, file);
  }

  remove(name: string): void {
    this.#children?.delete(name);
  }

  clear(): void {
    this.#children = undefined;
  }
}

const NOTHING: ReadonlyMap<string, ModelFile> = new Map();

/** The file itself, whatever link leads to it. */
export function real(file: ModelFile): ModelFile {
  let found = file;
  while (found.meant !== undefined) found = found.meant;
  return found;
}
