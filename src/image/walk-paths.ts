/** Paths of a walk that are kept. Side by side they would repeat their beginnings; here those are there once. */

import { fromLatin1, latin1 } from '../bytes.ts';

/** A path, for {@link pathOf}. */
export interface KeptPath {
  readonly before: KeptPath | undefined;
  readonly text: string;
}

/** Paths of folders are one text up to here: those in use are, and the deepest there may be is a chain of few. */
const TEXT_LENGTH = 256;

/** Fed with the directories of a walk in its order; paths are absolute, or relative to the topmost, which is empty then. */
export class WalkPaths {
  /** The directories that the walk is in, by the length of their paths. */
  readonly #open: { readonly length: number; readonly kept: KeptPath }[] = [];

  /** The next directory. */
  enter(path: string): KeptPath {
    const isTop = path === '/' || path === '';
    const { before, text } = isTop ? { before: undefined, text: '' } : this.keep(path);
    const isShort = (before?.text.length ?? 0) + text.length <= TEXT_LENGTH;
    const kept = before !== undefined && isShort ? joined(before, text) : { before, text };
    this.#open.push({ length: isTop ? 0 : path.length, kept });
    return kept;
  }

  /** Any name that is in the last directory, or in one above it. */
  keep(path: string): KeptPath {
    const at = Math.max(0, path.lastIndexOf('/'));
    while ((this.#open.at(-1)?.length ?? 0) > at) this.#open.pop();
    const folder = this.#open.at(-1);
    if (folder?.length !== at) return { before: undefined, text: path };
    return { before: folder.kept, text: ownText(path.slice(at)) };
  }
}

/** The path as it was given; that of the topmost directory is empty. */
export function pathOf(kept: KeptPath): string {
  let path = '';
  for (let at: KeptPath | undefined = kept; at !== undefined; at = at.before) path = at.text + path;
  return path;
}

function joined({ before, text }: KeptPath, more: string): KeptPath {
  return { before, text: ownText(text + more) };
}

/** V8 keeps the whole text that a part was cut from. */
function ownText(text: string): string {
  return latin1(fromLatin1(text));
}
