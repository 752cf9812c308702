/** Takes what the caller excludes out of the merged tree. */

import { latin1 } from '../bytes.ts';
import { type NameTree, ROOT } from '../tree/name-tree.ts';
import type { Exclusion } from './exclusion.ts';

export function excludePaths(names: NameTree, excludes: Exclusion): void {
  const pending: [node: number, path: string][] = [[ROOT, '']];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, path] = next;
    for (const child of names.children(node)) {
      const name = latin1(names.nameOf(child));
      const childPath = path === '' ? name : `${path}/${name}`;
      if (excludes.matches(childPath)) names.clear(child);
      else pending.push([child, childPath]);
    }
  }
}
