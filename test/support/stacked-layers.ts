/** Layer images stacked by overlayfs, held against the flattened image. */

import type { Tree, TreeEntry } from './tree-walk.ts';

/** Where the two are compared; and in how many directories the stack had to be corrected. */
export interface Comparable {
  readonly flat: Tree;
  readonly stacked: Tree;
  readonly corrected: readonly string[];
}

/**
 * Evens out what overlayfs cannot show: link counts of files are those of their layer, and the attributes of a
 * directory are those of the top layer that has it, which made them up (0755, owner 0:0, time 0) without an entry.
 */
export function comparable(flat: Tree, stacked: Tree): Comparable {
  const corrected: string[] = [];
  const even = new Map<string, TreeEntry>();
  for (const [path, entry] of stacked) {
    const expected = flat.get(path);
    if (expected?.type === 'directory' && isMadeUp(entry) && !isMadeUp(expected)) {
      corrected.push(path);
      even.set(path, expected);
    } else even.set(path, { ...entry, nlink: 1 });
  }
  const flatEven = [...flat].map(([path, entry]) => [path, { ...entry, nlink: 1 }] as const);
  return { flat: new Map(flatEven), stacked: even, corrected };
}

function isMadeUp({ type, mode, uid, gid, mtime, xattrs }: TreeEntry): boolean {
  const plain = mode === 0o755 && uid === 0 && gid === 0 && mtime === 0n;
  return type === 'directory' && plain && Object.keys(xattrs).length === 0;
}
