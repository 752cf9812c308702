/** What the page is made from: directories cut down, blocks put together, and markup that texts cannot break. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockUse } from '../../src/inspect/block-use.ts';
import { FolderTree } from '../../src/inspect/folder-tree.ts';
import { Kinds, kindOf } from '../../src/inspect/kinds.ts';
import { Largest } from '../../src/inspect/largest.ts';
import { blockMap } from '../../src/inspect/page/block-map.ts';
import { html, jsonForScript } from '../../src/inspect/page/html.ts';
import type { PageNode } from '../../src/inspect/page/page-data.ts';
import { pageTree } from '../../src/inspect/page/page-tree.ts';

function nodesOf(node: PageNode): number {
  return 1 + (node.c ?? []).reduce((sum, child) => sum + nodesOf(child), 0);
}

describe('the tree of a page', () => {
  it('has all of a small one, the largest first', () => {
    const tree = new FolderTree();
    tree.add('/', true, { size: 0, stored: 32 });
    tree.add('/a', true, { size: 0, stored: 32 });
    tree.add('/a/x.so.1', false, { size: 100, stored: 50 });
    tree.add('/a/y', false, { size: 10, stored: 60 });
    tree.add('/b', true, { size: 0, stored: 32 });
    tree.add('/c', false, { size: 500, stored: 500 });
    const root = tree.finish()!;
    expect(root).toMatchObject({ entries: 3, names: 5, size: 610, stored: 706 });
    expect(pageTree(root)).toEqual({
      ...{ n: '/', s: 706, z: 610, e: 5 },
      c: [
        { n: 'c', s: 500, z: 500, k: '(none)' },
        {
          ...{ n: 'a', s: 142, z: 110, e: 2 },
          c: [
            { n: 'y', s: 60, z: 10, k: '(none)' },
            { n: 'x.so.1', s: 50, z: 100, k: 'so' },
          ],
        },
        { n: 'b', s: 32, z: 0, e: 0, c: [] },
      ],
    });
  });

  it('is bounded, and loses no byte', () => {
    const tree = new FolderTree();
    tree.add('/', true, { size: 0, stored: 0 });
    for (let folder = 0; folder < 200; folder++) {
      tree.add(`/d${folder}`, true, { size: 0, stored: 0 });
      for (let file = 0; file < 200; file++) {
        tree.add(`/d${folder}/f${file}`, false, { size: file, stored: file });
      }
    }
    const root = tree.finish()!;
    const page = pageTree(root, 1000);
    expect(nodesOf(page)).toBeLessThanOrEqual(1001);
    expect(page.c!.reduce((sum, { s }) => sum + s, 0)).toBe(root.stored);
    const opened = page.c!.filter(({ c }) => c !== undefined && c.length > 0);
    expect(opened.length).toBeGreaterThan(5);
    for (const { c, s } of opened) expect(c!.reduce((sum, part) => sum + part.s, 0)).toBe(s);
  });

  it('goes no deeper than a page can show', () => {
    const tree = new FolderTree();
    const paths = Array.from({ length: 2000 }, (_, depth) => '/d'.repeat(depth) || '/');
    for (const path of paths) tree.add(path, true, { size: 0, stored: 1 });
    const root = tree.finish()!;
    expect(root.stored).toBe(2000);
    const page = pageTree(root);
    expect(nodesOf(page)).toBe(101);
    let last = page;
    while (last.c?.length === 1) last = last.c[0]!;
    expect([last.s, last.e]).toEqual([1900, 1899]);
  });
});

describe('the map of blocks', () => {
  it('tells uses, and what is used twice', () => {
    const blocks = new BlockUse(10 * 4096, 4096);
    blocks.markMetadata(1024, 200);
    expect(blocks.markContent(4096, 2 * 4096, 'data')).toBe(2 * 4096);
    expect(blocks.markContent(2 * 4096, 100, 'data')).toBe(0);
    expect(blocks.markContent(5 * 4096, 4096, 'compressed')).toBe(4096);
    blocks.markMetadata(5 * 4096, 10);
    expect(blocks.sharedBytes()).toBe(4096);
    expect(
      blockMap(blocks).regions.map(({ from, to, use, shared }) => [from, to, use, shared]),
    ).toEqual([
      [0, 1, 'metadata', false],
      [1, 2, 'data', false],
      [2, 3, 'data', true],
      [3, 5, 'unused', false],
      [5, 6, 'compressed', false],
      [6, 10, 'unused', false],
    ]);
  });

  it('takes little memory for a huge image', () => {
    const blocks = new BlockUse(2 ** 50, 4096);
    expect(blocks.isExact).toBe(false);
    expect(blocks.length).toBeLessThanOrEqual(2 ** 24);
    expect(blocks.markContent(2 ** 49, 4097, 'data')).toBe(8192);
    expect(blockMap(blocks).cells).toBeLessThanOrEqual(128 * 48);
  });
});

describe('kinds of files', () => {
  it.each([
    ['libc.so.6', 'so'],
    ['a.PNG', 'png'],
    ['.bashrc', '(none)'],
    ['Makefile', '(none)'],
    ['x.tar.gz', 'gz'],
    ['x.verylongend', '(none)'],
    ['x.<b>', '(none)'],
  ])('%s is %s', (name, kind) => {
    expect(kindOf(name)).toBe(kind);
  });

  it('are bounded', () => {
    const kinds = new Kinds();
    for (let i = 0; i < 10_000; i++) kinds.add(`a.${i.toString(36)}`, { size: 1, stored: 1 });
    expect(kinds.list().length).toBeLessThanOrEqual(4097);
    expect(kinds.list().reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });
});

describe('the largest', () => {
  it('are those of a sorted list', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (sizes) => {
        const largest = new Largest<number>(5, (size) => size);
        const gone = sizes.map((size) => largest.add(size)).filter((size) => size !== undefined);
        const sorted = sizes.toSorted((a, b) => b - a);
        expect(largest.list()).toEqual(sorted.slice(0, 5));
        expect(gone.toSorted((a, b) => b - a)).toEqual(sorted.slice(5));
      }),
    );
  });
});

describe('markup', () => {
  it('escapes texts and leaves markup', () => {
    const inner = html`<b>${'<&>"\''}</b>`;
    expect(html`<p title="${'"x"'}">${inner}${[inner, inner]}${7}</p>`.text).toBe(
      `<p title="&quot;x&quot;">${'<b>&lt;&amp;&gt;&quot;&#39;</b>'.repeat(3)}7</p>`,
    );
  });

  it('has JSON that is the same JSON, and ends no script', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { text } = jsonForScript(value);
        expect(text).not.toMatch(/[<>&]/);
        expect(() => JSON.parse(text)).not.toThrow();
      }),
    );
    expect(JSON.parse(jsonForScript({ a: '</script><!--' }).text)).toEqual({ a: '</script><!--' });
  });
});
