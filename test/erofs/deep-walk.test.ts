import { expect, test } from 'vitest';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { Crafted, ROOT_NID } from '../check/crafted.ts';

const DIRECTORY = 2;
/** Slots of an inode with three short names behind it; four such lie in a block. */
const STEP = 4;

/** Directories of one letter, so many in each other. */
function readerOf(depth: number): ErofsReader {
  const nidOf = (level: number) => ROOT_NID + level * STEP;
  const image = new Crafted(4 + Math.ceil((depth + 1) / 4));
  for (let level = 0; level <= depth; level++) {
    const names = [
      { name: '.', nid: nidOf(level), type: DIRECTORY },
      { name: '..', nid: nidOf(Math.max(0, level - 1)), type: DIRECTORY },
      { name: 'd', nid: nidOf(level + 1), type: DIRECTORY },
    ];
    image.inlineDirectory(nidOf(level), level < depth ? names : names.slice(0, 2), 3);
  }
  const read = (offset: number, length: number) => image.bytes.subarray(offset, offset + length);
  return new ErofsReader({ read });
}

test('a walk goes deeper than any path that Linux opens', () => {
  expect([...readerOf(8000).walk()].length).toBe(8001);
});

test('a walk ends where the paths that it is in would fill the memory', () => {
  expect(() => {
    for (const _ of readerOf(20_000).walk());
  }).toThrow('directories lie too deep in each other');
});
