/** Paths that are kept of a walk: they come back as they were, and share what they have in common. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTreePaths } from '../../src/image/tree-order.ts';
import { type KeptPath, pathOf, WalkPaths } from '../../src/image/walk-paths.ts';

/** All directories above these paths too, in the order of a walk, from `top` down. */
function walkOf(paths: readonly (readonly string[])[], top: string): string[] {
  const below = paths.flatMap((names) => names.map((_, i) => names.slice(0, i + 1).join('/')));
  const all = new Set([top || '/', ...below.map((path) => `${top}/${path}`)]);
  return [...all].sort(compareTreePaths);
}

describe('kept paths', () => {
  const name = fc.string({
    minLength: 1,
    maxLength: 200,
    unit: fc.constantFrom('a', 'b', '-', '\xff'),
  });
  const tree = fc.array(fc.array(name, { minLength: 1, maxLength: 8 }), { maxLength: 20 });

  it.each(['', '/usr', '/usr/lib'])('come back as they were, below %j', (top) => {
    fc.assert(
      fc.property(tree, (paths) => {
        const [walk, folders] = [new WalkPaths(), walkOf(paths, top)];
        const names = folders.map((path) => [path, path === '/' ? '/file' : `${path}/file`]);
        const found = names.map(([path, file]) => [walk.enter(path!), walk.keep(file!)]);
        const texts = found.map(([path, file]) => [pathOf(path!) || '/', pathOf(file!)]);
        expect(texts).toEqual(names);
      }),
    );
  });

  it('come back relative to the topmost one', () => {
    const walk = new WalkPaths();
    const paths = ['', 'a', 'a/b', 'a-', 'b', 'b/a', 'b/a/b'];
    expect(paths.map((path) => pathOf(walk.enter(path)))).toEqual(paths);
    expect(pathOf(walk.keep('c'))).toBe('c');
  });

  it('take no more memory where they are long', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const [walk, kept]: [WalkPaths, KeptPath[]] = [new WalkPaths(), []];
    walk.enter('/');
    let deep = '';
    for (let i = 0; i < 200; i++) {
      deep = `${deep}/${'x'.repeat(250)}`;
      walk.enter(deep);
    }
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5_000; i++) kept.push(walk.enter(`${deep}/${i}`));
    collect();
    // Texts of 50 kB each would be 250 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
    expect(pathOf(kept[4_999]!)).toBe(`${deep}/4999`);
  });
});
