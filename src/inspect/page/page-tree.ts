/** The directories of an image cut down to what a page can show: the largest by name, the rest of each as one. */

import { nameText } from '../../image/name-text.ts';
import type { Folder } from '../folder.ts';
import { kindOf } from '../kinds.ts';
import type { PageNode } from './page-data.ts';

/** Rectangles that a browser lays out at once without being slow. */
const MAX_NODES = 3000;
/** Directories are opened so far down: a page shows a few at a time, and JSON is written by recursion. */
const MAX_DEPTH = 100;
/** What is below this part of the image cannot be seen. */
const MIN_SHARE = 1 / 20_000;

/** The topmost directory with the largest of what is in it; directories are opened from the largest on. */
export function pageTree(root: Folder, maxNodes = MAX_NODES): PageNode {
  const smallest = root.stored * MIN_SHARE;
  const top = draft(root, 0);
  const closed = [top];
  let left = maxNodes;
  for (let next = closed.shift(); next !== undefined; next = closed.shift()) {
    if (next.depth === MAX_DEPTH) continue;
    const parts = partsOf(next, smallest);
    if (parts.length > left) continue;
    left -= parts.length;
    next.parts = parts;
    for (const part of parts) if (part.draft !== undefined) insertBySize(closed, part.draft);
  }
  return nodeOf(top);
}

/** A directory that is opened or not. */
interface Draft {
  readonly folder: Folder;
  /** Directories above it. */
  readonly depth: number;
  parts: readonly Part[] | undefined;
}

/** What is in a directory: a directory, or a node that is finished. */
interface Part {
  readonly draft?: Draft;
  readonly node?: PageNode;
}

function draft(folder: Folder, depth: number): Draft {
  return { folder, depth, parts: undefined };
}

function partsOf({ folder, depth }: Draft, smallest: number): Part[] {
  const { folders, files, others } = folder;
  const parts: Part[] = [];
  const rest = { names: others.count, size: others.size, stored: others.stored };
  const leave = (names: number, { size, stored }: { size: number; stored: number }) => {
    rest.names += names;
    rest.size += size;
    rest.stored += stored;
  };
  for (const child of folders) {
    if (child.stored < smallest) leave(child.names + 1, child);
    else parts.push({ draft: draft(child, depth + 1) });
  }
  for (const file of files) {
    if (file.stored < smallest) leave(1, file);
    else parts.push({ node: fileNode(file.name, file) });
  }
  if (rest.names > 0) parts.push({ node: { n: '', s: rest.stored, z: rest.size, m: rest.names } });
  return parts;
}

function fileNode(name: string, { size, stored }: { size: number; stored: number }): PageNode {
  const { text } = nameText(name);
  return { n: text, s: stored, z: size, k: kindOf(text) };
}

function insertBySize(list: Draft[], item: Draft): void {
  let at = list.length;
  while (at > 0 && list[at - 1]!.folder.stored < item.folder.stored) at--;
  list.splice(at, 0, item);
}

/** Depth is that of opened directories, of which there are few. */
function nodeOf({ folder, parts }: Draft): PageNode {
  const { name, stored, size, names } = folder;
  const head = { n: nameText(name || '/').text, s: stored, z: size, e: names };
  if (parts === undefined) return { ...head, c: [] };
  const children = parts.map((part) => part.node ?? nodeOf(part.draft!));
  return { ...head, c: children.toSorted((a, b) => b.s - a.s) };
}
